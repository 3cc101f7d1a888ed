import { setTimeout as delay } from 'node:timers/promises';
import { type EnginePlace, spawnEngineProcess } from '../../builders/an-engine-process.ts';

/** Of so many engines one is killed before it is up. */
const earlyOf = 6;
const earlyMs = 300;

/** An engine that is killed and started again on one folder and port. */
export type Victim = {
  /** Kills it, now and then once more while it starts, and returns when the next one has answered. */
  readonly killed: () => Promise<void>;
  /** From each kill to the first answered call. */
  readonly backMs: readonly number[];
  readonly kills: () => number;
  readonly close: () => Promise<void>;
};

/** Starts the first engine; `ask` returns when an engine has answered it. */
export const startVictim = async (
  place: EnginePlace,
  { random, ask }: { readonly random: () => number; readonly ask: () => Promise<unknown> },
): Promise<Victim> => {
  let engine = spawnEngineProcess(place);
  await engine.ready;
  const backMs: number[] = [];
  let kills = 0;
  const kill = async (): Promise<number> => {
    const killedAtMs = performance.now();
    await engine.kill();
    kills += 1;
    engine = spawnEngineProcess(place);
    return killedAtMs;
  };
  return {
    killed: async () => {
      let killedAtMs = await kill();
      if (random() * earlyOf < 1) {
        await delay(random() * earlyMs);
        killedAtMs = await kill();
      }
      await engine.ready;
      await ask();
      backMs.push(performance.now() - killedAtMs);
    },
    backMs,
    kills: () => kills,
    close: () => engine.kill(),
  };
};
