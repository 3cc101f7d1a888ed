import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** What is asked of a place where an emulator is to be: a folder of its own and a free port. */
export type Place = { readonly folder: string; readonly port: number };

/** An emulator of AWS's services as a program to start. */
export type Program = {
  /** As people know it. */
  readonly name: string;
  readonly command: string;
  /** Puts into the place what it needs there. */
  readonly prepare?: (place: Place) => void;
  readonly args: (place: Place) => readonly string[];
  readonly env: (place: Place) => Readonly<Record<string, string>>;
  /** Whether an answer to a GET of this path says that it is there. */
  readonly path: string;
  readonly isThere: (status: number) => boolean;
  readonly startWithinMs: number;
};

/** An emulator that answers at `url`. */
export type Emulator = { readonly url: string; readonly folder: string; readonly stop: () => Promise<void> };

const answerWithinMs = 5_000;
const lookEveryMs = 100;

const statusOf = async (url: string): Promise<number> => {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(answerWithinMs) });
    await response.body?.cancel();
    return response.status;
  } catch {
    return 0;
  }
};

/** Where an emulator answers. */
export const urlOf = (port: number): string => `http://127.0.0.1:${port}`;

/** Whether it answers at its place as it should. */
export const answers = async ({ path, isThere }: Pick<Program, 'path' | 'isThere'>, port: number): Promise<boolean> =>
  isThere(await statusOf(`${urlOf(port)}${path}`));

const failureOf = (child: ChildProcess, untilMs: number): string | undefined => {
  if (child.exitCode !== null) return `it ended with code ${child.exitCode}`;
  if (child.signalCode !== null) return `it was ended by ${child.signalCode}`;
  return performance.now() > untilMs ? 'it does not answer' : undefined;
};

const killGroup = (pid: number): void => {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // gone by itself: what is said is why it did not start
  }
};

const untilReady = async (child: ChildProcess, program: Program, { port }: Place, log: string): Promise<void> => {
  const broken = new Promise<Error>((resolve) => child.once('error', resolve));
  const untilMs = performance.now() + program.startWithinMs;
  while (!(await answers(program, port))) {
    const error = await Promise.race([broken, sleep(lookEveryMs)]);
    const failure = error?.message ?? failureOf(child, untilMs);
    if (failure === undefined) continue;
    if (child.pid !== undefined && child.exitCode === null) killGroup(child.pid);
    throw new Error(`${program.name} did not start: ${failure}\n${readFileSync(log, 'utf8').slice(-2000)}`);
  }
};

/**
 * Starts an emulator at a place, in a group of processes of its own that outlives this one, and returns when it answers;
 * `onStart` is called as soon as there is a process.
 */
export const launch = async (
  program: Program,
  place: Place,
  log: string,
  onStart?: (child: ChildProcess) => Promise<void>,
): Promise<ChildProcess> => {
  program.prepare?.(place);
  const out = openSync(log, 'a', 0o600);
  const options = { cwd: place.folder, env: program.env(place), detached: true } as const;
  const child = spawn(program.command, program.args(place), { ...options, stdio: ['ignore', out, out] });
  closeSync(out);
  await Promise.all([untilReady(child, program, place, log), onStart?.(child)]);
  return child;
};

const attempt = <T>(look: () => T, otherwise: T): T => {
  try {
    return look();
  } catch {
    return otherwise;
  }
};

/** What a process has started, and what that has, as far as the system tells: some of it may lead a group of its own. */
const descendantsOf = (pid: number): readonly number[] => {
  const threads = attempt(() => readdirSync(`/proc/${pid}/task`), []);
  const children = threads.flatMap((thread) =>
    attempt(() => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'), '')
      .split(' ')
      .filter(Boolean)
      .map(Number),
  );
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
};

/** Starts an emulator on a free port, in a folder that goes with it, and returns when it answers. */
export const startEmulator = async (program: Program): Promise<Emulator> => {
  const folder = mkdtempSync(join(tmpdir(), 'papilio-emulator-'));
  const place = { folder, port: await freePort() };
  const child = await launch(program, place, join(folder, 'out'));
  const stop = async (): Promise<void> => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const started = descendantsOf(child.pid);
      process.kill(-child.pid, 'SIGKILL');
      await ended;
      for (const pid of started) attempt(() => process.kill(pid, 'SIGKILL'), false);
    }
    rmSync(folder, { recursive: true, force: true });
  };
  return { url: urlOf(place.port), folder, stop };
};

/** Of most of them any good answer says so. */
export const isGood = (status: number): boolean => status >= 200 && status < 300;
