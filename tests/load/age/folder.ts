import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { plainEnvironment } from '../../builders/plain-environment.ts';
import { writeExecutions } from './write-executions.ts';
import { type AgedRun, writeStfs } from './write-stfs.ts';

/** How old a data folder looks, and what of it is real. */
export type Age = {
  readonly name: 'fresh' | 'day' | 'month' | 'year';
  /** STFs whose records and events are written. */
  readonly stfs: number;
  readonly runs: number;
  /** Events of a segment: fewer than the default make as many segments as such an age has of fewer events. */
  readonly segmentEvents?: number;
  /** Executions that the engine of the work plane remembers. */
  readonly executions: number;
  readonly isReal: string;
};

const main = fileURLToPath(new URL('../../../local/main.ts', import.meta.url));
const dayMs = 86_400_000;

/**
 * The ages that are measured. A day is 144,000 STFs and some 2.4 million events. Of a month and a year, as many segments,
 * maps and manifest rows are made as they have, with one event in 18 and one in 150.
 */
export const ages: readonly Age[] = [
  {
    name: 'fresh',
    stfs: 1_200,
    runs: 12,
    executions: 0,
    isReal: 'twelve minutes of stream, so that every page is full',
  },
  { name: 'day', stfs: 144_000, runs: 6, executions: 250_000, isReal: 'all records, events and segments' },
  {
    ...{ name: 'month', stfs: 240_000, runs: 30, executions: 250_000, segmentEvents: 2_800 },
    isReal: 'as many segments, maps and manifest rows as a month has; one STF in 18, one event in 18',
  },
  {
    ...{ name: 'year', stfs: 350_000, runs: 365, executions: 250_000, segmentEvents: 333 },
    isReal: 'as many segments, maps and manifest rows as a year has; one STF in 150, one event in 150',
  },
];

/** Plays the demo into a new folder, so that everything that a run leaves is there once and real. */
const playDemo = async (folder: string): Promise<void> => {
  const words = [main, '--data', folder, '--port', '0', '--speed', 'max', '--exit'];
  const papilio = spawn(process.execPath, words, { env: plainEnvironment, stdio: 'ignore' });
  const [code] = await once(papilio, 'close');
  if (code !== 0) throw new Error(`the demo in ${folder} ended with code ${code}`);
};

/** Makes a data folder of an age; says what it is doing. The runs lie before the demo's, in number and in time. */
export const makeAged = async (folder: string, age: Age, say: (line: string) => void): Promise<void> => {
  rmSync(folder, { recursive: true, force: true });
  await playDemo(folder);
  const { stfs, runs, segmentEvents, executions } = age;
  const each = runs === 0 ? 0 : Math.floor(stfs / runs);
  const aged = Array.from({ length: runs }, (_, at): AgedRun => {
    const startMs = Date.now() - (runs - at) * Math.max(dayMs / 6, each * 600);
    return { run: 101 + at, stfs: at === runs - 1 ? stfs - each * (runs - 1) : each, startMs };
  });
  await writeStfs(folder, aged, { say, ...(segmentEvents === undefined ? {} : { segmentEvents }) });
  await writeExecutions(join(folder, 'work'), executions);
  say(`${age.name}: ${stfs} STFs in ${runs} runs, ${executions} executions: ${age.isReal}`);
};
