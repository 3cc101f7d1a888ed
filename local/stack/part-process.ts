import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PapilioError } from '#lib/errors';
import { bootOf, isAlive, startOf } from '../engine/lock.ts';
import { stateOf, statOf } from '../supervisor/process-identity.ts';
import { launch, type Program } from './parts/emulator.ts';
import type { StackPart } from './stack-file.ts';

const lookEveryMs = 50;
const gentleMs = 10_000;
const patienceMs = 5_000;
const largeLogBytes = 20e6;

/** The folder that a part has in a stack's folder, with all that it keeps. */
export const partFolder = (stackFolder: string, name: StackPart['name']): string => join(stackFolder, name);

/** Where a part writes what it has to say. */
export const logOf = (stackFolder: string, name: StackPart['name']): string => join(stackFolder, 'log', `${name}.log`);

/** A log that has grown large is put aside, and the one before it is gone. */
const turnLog = async (path: string): Promise<void> => {
  const sizeBytes = await stat(path).then(
    ({ size }) => size,
    () => 0,
  );
  if (sizeBytes > largeLogBytes) await rename(path, `${path}.1`);
};

/** What is started, and where. */
type Start = {
  readonly stackFolder: string;
  readonly name: StackPart['name'];
  readonly version: string;
  readonly program: Program;
  readonly port: number;
  /** Writes down that it runs, as soon as it does: before it answers. */
  readonly onStart: (part: StackPart) => Promise<void>;
};

/** Starts a part of a stack, which outlives this process, and returns when it answers. */
export const startPart = async ({ stackFolder, name, version, program, port, onStart }: Start): Promise<StackPart> => {
  const folder = partFolder(stackFolder, name);
  const log = logOf(stackFolder, name);
  for (const made of [folder, join(stackFolder, 'log')]) await mkdir(made, { recursive: true, mode: 0o700 });
  await turnLog(log);
  const partOf = async (pid: number | undefined): Promise<StackPart | undefined> => {
    const [startedAt, boot] = await Promise.all([pid === undefined ? undefined : startOf(pid), bootOf()]);
    if (pid === undefined || startedAt === undefined) return undefined;
    return { name, version, pid, startedAt, port, ...(boot !== undefined && { boot }) };
  };
  const child = await launch(program, { folder, port }, log, async ({ pid }) => {
    const begun = await partOf(pid);
    if (begun !== undefined) await onStart(begun);
  });
  child.unref();
  const part = await partOf(child.pid);
  if (part === undefined) throw new Error(`${name} ended as soon as it had begun: see ${log}`);
  return part;
};

/** Whether exactly this process runs; a dead one that nobody fetched does not. */
export const isPartRunning = async (part: StackPart): Promise<boolean> =>
  (await isAlive(part)) && (await stateOf(part.pid)) !== 'Z';

const groupOf = async (pid: number): Promise<number | undefined> => {
  const stat = await statOf(pid);
  return stat?.state === 'Z' ? undefined : stat?.group;
};

/** The processes of a part's group. A group keeps its number from everybody else until its last process is gone. */
export const membersOf = async (part: StackPart): Promise<readonly number[]> => {
  const start = await startOf(part.pid);
  if (part.boot !== (await bootOf()) || (start !== undefined && start !== part.startedAt)) return [];
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const groups = await Promise.all(pids.map(async (pid) => [pid, await groupOf(pid)] as const));
  return groups.flatMap(([pid, group]) => (group === part.pid ? [pid] : []));
};

const signal = (part: StackPart, name: NodeJS.Signals): void => {
  try {
    process.kill(-part.pid, name);
  } catch {
    // gone between the look and the signal: the next look says so
  }
};

const endsWithin = async (part: StackPart, name: NodeJS.Signals, limitMs: number): Promise<boolean> => {
  signal(part, name);
  for (let waitedMs = 0; waitedMs < limitMs; waitedMs += lookEveryMs) {
    if ((await membersOf(part)).length === 0) return true;
    await sleep(lookEveryMs);
  }
  return false;
};

/**
 * Ends a part with all that it started; returns whether there was anything to end. One that keeps something may finish
 * what it has in hand first. @throws folder-in-use if it does not end
 */
export const endPart = async (part: StackPart, isDurable = false): Promise<boolean> => {
  if ((await membersOf(part)).length === 0) return false;
  if (isDurable && (await endsWithin(part, 'SIGTERM', gentleMs))) return true;
  if (await endsWithin(part, 'SIGKILL', patienceMs)) return true;
  throw new PapilioError('folder-in-use', `${part.name}, process ${part.pid}, cannot be ended`);
};
