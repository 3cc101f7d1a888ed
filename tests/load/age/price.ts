import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoRecording } from '../../../local/sim/daq/demo.ts';
import { frontOf } from '../../../local/supervisor/front-client.ts';
import type { Bar, Row } from '../benchmark.ts';
import { rounded } from '../figures.ts';
import { ownCpuMsOf } from '../usage.ts';
import type { StartedInstance } from './instance.ts';

const processes = ['archive', 'work', 'front'] as const;

/** CPU of the planes and the front so far, without the payloads that they start. */
const cpuMsOf = ({ house }: Pick<StartedInstance, 'house'>): number =>
  processes.reduce((sum, name) => sum + ownCpuMsOf(house.pid(name) ?? 0), 0);

/** What one more STF takes of a running papilio. */
type Price = { readonly cpuMs: number };

type Played = { readonly run: number; readonly stfs: number };

/** Plays a run at the rate of the experiment and returns what an STF of it took, events and records of the run included. */
const priceOf = async (started: StartedInstance, folder: string, { run, stfs }: Played): Promise<Price> => {
  const recording = join(folder, `${run}.jsonl`);
  writeFileSync(recording, demoRecording(run, new Date(), stfs).join('\n'));
  const { house } = started;
  const beforeMs = cpuMsOf(started);
  house.play(['--replay', recording, '--speed', '4', '--stf-size', '1']);
  await house.bridgeDone;
  await (await frontOf(folder)).quiet();
  return { cpuMs: (cpuMsOf(started) - beforeMs) / stfs };
};

type Pair<T> = readonly [fresh: T, aged: T];

/** Compares what a further STF takes of a fresh folder and of an aged one, one after the other. */
export const comparePrices = async (
  age: string,
  running: Pair<StartedInstance>,
  folders: Pair<string>,
  played: Played,
): Promise<{ readonly row: Row; readonly bars: readonly Bar[] }> => {
  const fresh = await priceOf(running[0], folders[0], played);
  const aged = await priceOf(running[1], folders[1], played);
  const row = {
    'fresh CPU ms/STF': rounded(fresh.cpuMs),
    'CPU ms/STF': rounded(aged.cpuMs),
  };
  const bar: Bar = {
    what: `${age}: CPU of a further STF, against a fresh folder's`,
    measured: rounded(aged.cpuMs / fresh.cpuMs),
    unit: '×',
    atMost: 1.1,
  };
  return { row, bars: [bar] };
};
