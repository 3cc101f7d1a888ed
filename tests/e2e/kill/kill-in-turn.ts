import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { demoRecording } from '../../../local/sim/daq/demo.ts';
import { isRunning, readHolder } from '../../../local/supervisor/process-identity.ts';
import { aRandom } from '../../builders/random.ts';
import type { KilledReplay } from './kill-replay.ts';
import { descendantsOf } from './processes.ts';
import { endOf, startPapilio } from './start-papilio.ts';

/** Who is killed, one after the other. */
export const victims = ['bridge', 'archive', 'payload', 'work', 'front', 'supervisor'] as const;
export type Victim = (typeof victims)[number];

const locks = { bridge: 'bridge.lock', front: 'front.lock', archive: 'archive/lock', work: 'work/lock' } as const;
const stfMb = 1;

export type TurnPlan = {
  readonly seed: number;
  readonly stfs: number;
  /** 1 is 1.67 STF/s. */
  readonly speed: number;
  /** Between two kills, in ms: chosen evenly between these. */
  readonly everyMs: readonly [number, number];
  /** How often each is killed at most; without it, for as long as the run is played. */
  readonly rounds?: number;
  /** Who is killed, in turn; all by default. */
  readonly killed?: readonly Victim[];
  /** Data folder that it is played into; a new one by default. */
  readonly into?: string;
  readonly run?: number;
  readonly say?: (line: string) => void;
};
export type KilledInTurn = KilledReplay & { readonly kills: Readonly<Record<Victim, number>> };

/** The process to kill; undefined while there is none. */
const pidOf = async (victim: Victim, folder: string, house: ChildProcess): Promise<number | undefined> => {
  if (victim === 'supervisor') return house.pid;
  const holder = await readHolder(join(folder, locks[victim === 'payload' ? 'work' : victim]));
  if (holder === undefined || !(await isRunning(holder))) return undefined;
  return victim === 'payload' ? descendantsOf(holder.pid).at(-1)?.pid : holder.pid;
};

const lookEveryMs = 5;

/** Kills it as soon as it is there: a payload lives for a tenth of a second, and who was killed before has to come back. */
const killOne = async (victim: Victim, folder: string, house: ChildProcess): Promise<boolean> => {
  while (house.exitCode === null) {
    const pid = await pidOf(victim, folder, house);
    if (pid !== undefined && kill(pid)) return true;
    await delay(lookEveryMs);
  }
  return false;
};

const kill = (pid: number): boolean => {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
};

/**
 * Plays one run and kills each of its processes in turn, every few seconds, for as long as it is played; a supervisor that is
 * killed is started again, its orphans end by themselves or are ended by it. Returns when all that was played is done.
 */
export const killInTurn = async ({
  seed,
  stfs,
  speed,
  everyMs,
  rounds = Number.POSITIVE_INFINITY,
  killed: inTurn = victims,
  into,
  run = 1001,
  say = () => undefined,
}: TurnPlan): Promise<KilledInTurn> => {
  const scratch = mkdtempSync(join(tmpdir(), 'papilio-turn-'));
  const [folder, tally, recording] = [
    into ?? join(scratch, 'data'),
    join(scratch, 'tally'),
    join(scratch, 'run.jsonl'),
  ];
  writeFileSync(recording, demoRecording(run, new Date('2026-11-24T06:00:00Z'), stfs).join('\n'));
  const start = () => startPapilio({ folder, recording, tally, speed, stfMb });
  const random = aRandom(seed);
  const kills: Record<Victim, number> = { bridge: 0, archive: 0, payload: 0, work: 0, front: 0, supervisor: 0 };
  const [leastMs, mostMs] = everyMs;
  let house = start();
  let ended = once(house.process, 'exit');
  for (let turn = 0; turn < rounds * inTurn.length && house.process.exitCode === null; turn++) {
    await Promise.race([delay(leastMs + random() * (mostMs - leastMs)), ended]);
    if (house.process.exitCode !== null) break;
    const victim = inTurn[turn % inTurn.length] ?? 'bridge';
    if (!(await killOne(victim, folder, house.process))) break;
    kills[victim] += 1;
    say(`turn ${turn}: killed ${victim}`);
    if (victim !== 'supervisor') continue;
    await ended;
    house = start();
    ended = once(house.process, 'exit');
  }
  await endOf(house, 'the run');
  const killed = Object.values(kills).reduce((sum, each) => sum + each, 0);
  return { folder, tally, killed, kills, runs: 1, sizeBytes: stfMb * 1_000_000 };
};
