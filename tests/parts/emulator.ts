import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** What is asked of a place where an emulator is to be: a folder of its own, which goes with it, and a free port. */
type Place = { readonly folder: string; readonly port: number };

/** An emulator of AWS's services as a program to start. */
type Program = {
  /** As people know it. */
  readonly name: string;
  readonly command: string;
  readonly args: (place: Place) => readonly string[];
  readonly env: (place: Place) => Readonly<Record<string, string>>;
  /** Whether an answer to a GET of this path says that it is there. */
  readonly path: string;
  readonly isThere: (status: number) => boolean;
  readonly startWithinMs: number;
};

/** An emulator that answers at `url`. */
export type Emulator = { readonly url: string; readonly folder: string; readonly stop: () => Promise<void> };

const statusOf = async (url: string): Promise<number> => {
  try {
    return (await fetch(url)).status;
  } catch {
    return 0;
  }
};

/** Starts an emulator on a free port, in a group of processes of its own, and returns when it answers. */
export const startEmulator = async (program: Program): Promise<Emulator> => {
  const { name, command, args, env, path, isThere, startWithinMs } = program;
  const folder = mkdtempSync(join(tmpdir(), 'papilio-emulator-'));
  const place = { folder, port: await freePort() };
  const url = `http://127.0.0.1:${place.port}`;
  const out = openSync(join(folder, 'out'), 'a');
  const child = spawn(command, args(place), {
    cwd: folder,
    env: env(place),
    stdio: ['ignore', out, out],
    detached: true,
  });
  const untilMs = performance.now() + startWithinMs;
  while (!isThere(await statusOf(`${url}${path}`))) {
    if (child.exitCode !== null || performance.now() > untilMs)
      throw new Error(`${name} did not start: ${readFileSync(join(folder, 'out'), 'utf8').slice(-2000)}`);
    await sleep(100);
  }
  const stop = async (): Promise<void> => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.pid !== undefined && child.exitCode === null) {
      process.kill(-child.pid, 'SIGKILL');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, folder, stop };
};

/** Of most of them any good answer says so. */
export const isGood = (status: number): boolean => status >= 200 && status < 300;
