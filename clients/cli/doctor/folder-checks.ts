import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { Check } from '#schema/check-up';
import type { EngineReport } from '#schema/engine-report';
import { enginesIn, examine, type Place } from '../ask-engine.ts';
import { localProgram } from '../local-program.ts';
import { size } from '../words.ts';

/** Whether there is a data folder of a house. */
export const isHouse = (data: string): boolean => existsSync(join(data, 'config.json'));

/** What is asked of a look at a folder. */
export type Look = {
  readonly data: string;
  readonly isDeep: boolean;
  /** The build that answers there, if one does. */
  readonly running: string | undefined;
  readonly stuckAfterS: number;
  readonly signal: AbortSignal;
  /** Receives a line now and then on how far a long look has come. */
  readonly onProgress?: (line: string) => void;
};

const unseen = (what: string): Check[] =>
  (['processes', 'store', 'records', 'objects', 'audit', 'engine', 'disk', 'broker'] as const).map((check) => ({
    check,
    level: 'unseen',
    what,
  }));

/** What a program writes to stderr, without its lines on progress, which are passed on as they come. */
const saidBy = async (stream: Readable, onProgress: Look['onProgress']): Promise<string> => {
  const lines: string[] = [];
  for await (const line of createInterface({ input: stream })) {
    const progress = /^progress (.*)$/.exec(line)?.[1];
    if (progress === undefined) lines.push(line);
    else onProgress?.(progress);
  }
  return lines.join('\n');
};

/** Has papilio's own program look at stores, disk, processes and brokers: a client opens no stores. */
const readFolder = async ({ data, isDeep, running, signal, onProgress }: Look): Promise<Check[]> => {
  const program = localProgram('doctor.ts');
  if (program === undefined) return unseen('the program that reads a data folder is not here');
  const more = [...(isDeep ? ['--deep'] : []), ...(running === undefined ? [] : ['--running', running])];
  const words = [program.path, '--data', data, ...more];
  const child = spawn(program.node, words, { stdio: ['ignore', 'pipe', 'pipe'], signal });
  child.on('error', () => undefined);
  const [out, err] = await Promise.all([text(child.stdout), saidBy(child.stderr, onProgress)]);
  signal.throwIfAborted();
  if (out === '') throw new Error(`the examination of ${data} ended with nothing: ${err.trim()}`);
  return z.array(Check).parse(JSON.parse(out));
};

const findingCheck = (of: string, { level, what, todo }: EngineReport['findings'][number]): Check => ({
  check: 'engine',
  of,
  level,
  what,
  todo,
});

const engineChecks = async (place: Place, { stuckAfterS, signal }: Look): Promise<Check[]> => {
  try {
    const { from, journal, executions, findings } = await examine(place, stuckAfterS, signal);
    if (findings.length > 0) return findings.map((finding) => findingCheck(place.name, finding));
    const what = `${from === 'serving' ? 'serves' : 'does not serve'}, journal ${size(journal.sizeBytes)} and whole, ${executions.running} executions run`;
    return [{ check: 'engine', of: place.name, level: 'ok', what }];
  } catch (error) {
    signal.throwIfAborted();
    const what = error instanceof Error ? error.message : String(error);
    return [{ check: 'engine', of: place.name, level: 'problem', what, todo: 'papilio doctor --engine says more' }];
  }
};

/** Whoever can read the administrator's token is the administrator. */
const tokenFileCheck = (data: string): Check[] => {
  const path = join(data, 'admin.token');
  const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0o600;
  if ((mode & 0o077) === 0) return [];
  return [
    {
      check: 'token',
      of: 'admin.token',
      level: 'problem',
      what: `others than you may read ${path}`,
      todo: `chmod 600 ${path}`,
    },
  ];
};

/** The engines of a house's folder; one that was never started has none. */
const placesIn = (data: string): readonly Place[] => {
  try {
    return enginesIn(data);
  } catch {
    return [];
  }
};

/** All that can be seen in the data folder of a house. */
export const checkFolder = async (look: Look): Promise<Check[]> => {
  const { data } = look;
  if (!isHouse(data)) return unseen(`there is no data folder ${data}`);
  const [folder, ...engines] = await Promise.all([
    readFolder(look),
    ...placesIn(data).map((place) => engineChecks(place, look)),
  ]);
  return [...tokenFileCheck(data), ...folder, ...engines.flat()];
};

/** The folder of another papilio than the one that is asked is not looked at. */
export const otherFolder = (url: string): Check[] => unseen(`only on the machine of ${url}, with --data`);
