import { access, constants, readFile, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { type Broker, readBrokers } from '../../clients/bridge/brokers.ts';
import { demoRecording } from '../sim/daq/demo.ts';
import { recordingOf } from '../sim/daq/scenario.ts';
import { replaceFile } from './name-plate.ts';
import type { StartOptions } from './options.ts';

/** A recording to play: the bridge's words, and for a person what it is. */
export type Replay = { readonly file: string; readonly words: readonly string[]; readonly title: string };

const Position = z.object({ file: z.string(), isDone: z.boolean() });
const firstDemoRun = 1001;

/** What an earlier start of this folder began to play and did not end. */
const unfinished = async (folder: string): Promise<string | undefined> => {
  try {
    const position = Position.parse(JSON.parse(await readFile(join(folder, 'replay.json'), 'utf8')));
    await access(position.file, constants.R_OK);
    return position.isDone ? undefined : position.file;
  } catch {
    return undefined;
  }
};

const writeDemo = async (folder: string, run: number): Promise<string> => {
  const file = join(folder, 'demo.jsonl');
  await replaceFile(file, `${demoRecording(run, new Date()).join('\n')}\n`);
  return file;
};

/** What a scenario's recordings are called in the data folder. */
const titleOf = (scenario: string): string => basename(scenario, extname(scenario));

/** Writes a scenario as a recording of its own name, so that it can be played on after a break. */
const writeScenario = async (folder: string, scenario: string, seed: number, run: number): Promise<string> => {
  const file = join(folder, `${titleOf(scenario)}-${run}.jsonl`);
  const lines = recordingOf({ scenario, seed, firstRun: run, startedAt: new Date() });
  await replaceFile(file, `${lines.join('\n')}\n`);
  return file;
};

/** Whether a file is a recording of that scenario. */
const isOf = (file: string, scenario: string | undefined): boolean =>
  scenario === undefined ||
  (basename(file).startsWith(titleOf(scenario)) &&
    /^-\d+\.jsonl$/.test(basename(file).slice(titleOf(scenario).length)));

/** Refuses a file of brokers that cannot be read before anything is started. @throws input-invalid */
export const checkBrokers = (file: string): readonly Broker[] => {
  try {
    return readBrokers(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PapilioError('input-invalid', `--brokers ${file}: ${reason}`, error);
  }
};

/** Refuses a recording that cannot be read before anything is started. @throws input-invalid */
export const checkRecording = async (file: string): Promise<void> => {
  try {
    await access(file, constants.R_OK);
    if (!(await stat(file)).isFile()) throw new Error('it is no file');
  } catch (error) {
    throw new PapilioError(
      'input-invalid',
      `--replay ${file}: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
};

/**
 * What to play: the recording that was asked for, else what is not over yet, else the scenario that was asked for or a demo,
 * with the next free run number.
 */
export const chooseReplay = async (
  folder: string,
  options: StartOptions,
  latestRun: () => Promise<number | undefined>,
): Promise<Replay | undefined> => {
  const { pace, speed, stfSize, scenario, seed } = options;
  const play = (file: string, title: string): Replay => ({
    file,
    title,
    words: ['--replay', file, '--pace', pace, '--speed', String(speed), '--stf-size', String(stfSize)],
  });
  if (options.replay !== undefined) return play(options.replay, options.replay);
  if (options.brokers !== undefined) return undefined;
  const file = await unfinished(folder);
  if (file !== undefined && isOf(file, scenario)) return play(file, `the rest of ${file}`);
  if (scenario === undefined && !options.demo) return undefined;
  const run = Math.max(firstDemoRun, ((await latestRun()) ?? 0) + 1);
  if (scenario !== undefined) {
    const title = `scenario ${scenario} with seed ${seed}, from run ${run} on`;
    return play(await writeScenario(folder, scenario, seed, run), title);
  }
  return play(await writeDemo(folder, run), `a demo, run ${run}`);
};
