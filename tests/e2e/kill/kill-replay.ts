import { once } from 'node:events';
import { mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { demoRecording } from '../../../local/sim/daq/demo.ts';
import { aRandom } from '../../builders/random.ts';
import { killHouse } from './processes.ts';
import { endOf, startPapilio } from './start-papilio.ts';

export type KillPlan = {
  readonly kills: number;
  readonly seed: number;
  readonly stfs: number;
  readonly say?: (line: string) => void;
};
export type KilledReplay = {
  readonly folder: string;
  readonly tally: string;
  readonly killed: number;
  readonly runs: number;
  readonly sizeBytes: number;
};

const stfMb = 1;
const speed = 20;

const journalBytes = (folder: string): number =>
  ['archive', 'work'].reduce((sum, plane) => {
    try {
      const engine = join(folder, plane, 'engine');
      return sum + readdirSync(engine).reduce((bytes, name) => bytes + statSync(join(engine, name)).size, 0);
    } catch {
      return sum;
    }
  }, 0);

/** Half of the moments are times, half are places in the journals. */
const momentOf = async (random: () => number, folder: string, hasEnded: () => boolean): Promise<string> => {
  if (random() < 0.5) {
    const waitMs = Math.round(random() * 3500);
    for (let waitedMs = 0; waitedMs < waitMs && !hasEnded(); waitedMs += 5) await delay(5);
    return `after ${waitMs} ms`;
  }
  const until = journalBytes(folder) + Math.round(random() * 60_000);
  while (journalBytes(folder) < until && !hasEnded()) await delay(1);
  return `at journal byte ${until}`;
};

/**
 * Replays runs, kills everything at random moments, and starts again each time, until all kills are spent; the last start
 * runs to its end. A run that ends before its kill is followed by the next.
 */
export const killReplay = async ({ kills, seed, stfs, say = () => undefined }: KillPlan): Promise<KilledReplay> => {
  const scratch = mkdtempSync(join(tmpdir(), 'papilio-kill-'));
  const [folder, tally] = [join(scratch, 'data'), join(scratch, 'tally')];
  const random = aRandom(seed);
  let run = 1000;
  const nextRecording = () => {
    run += 1;
    const path = join(scratch, `run-${run}.jsonl`);
    writeFileSync(path, demoRecording(run, new Date('2026-11-24T06:00:00Z'), stfs).join('\n'));
    return path;
  };
  let recording = nextRecording();
  let killed = 0;
  while (killed < kills) {
    const { process: house, talk } = startPapilio({ folder, recording, tally, speed, stfMb });
    const moment = await momentOf(random, folder, () => house.exitCode !== null);
    if (house.exitCode !== null) {
      if (house.exitCode !== 0) throw new Error(`run ${run} ended with ${house.exitCode}: ${talk()}`);
      recording = nextRecording();
      continue;
    }
    const withPayloads = random() < 0.5;
    killHouse(house.pid ?? 0, withPayloads);
    await once(house, 'exit');
    killed += 1;
    say(`kill ${killed} of ${kills}: run ${run}, ${moment}${withPayloads ? ', payloads too' : ''}`);
  }
  await endOf(startPapilio({ folder, recording, tally, speed, stfMb }), `the last start of run ${run}`);
  return { folder, tally, killed, runs: run - 1000, sizeBytes: stfMb * 1_000_000 };
};
