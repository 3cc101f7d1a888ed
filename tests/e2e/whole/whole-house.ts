import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import * as z from 'zod';
import { Summary } from '#schema/status';
import { plainEnvironment } from '../../builders/plain-environment.ts';

const main = fileURLToPath(new URL('../../../local/main.ts', import.meta.url));
const Pid = z.object({ pid: z.int().positive() });

/** A scratch folder that is gone after the test. */
export const aScratch = (prefix = 'papilio-whole-'): string => {
  const scratch = mkdtempSync(join(tmpdir(), prefix));
  onTestFinished(() => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 }));
  return scratch;
};

/** Papilio as a user starts it, with what it says. */
export type WholeHouse = {
  readonly process: ChildProcess;
  /** Resolves with everything that was said so far as soon as that matches. */
  readonly says: (pattern: RegExp) => Promise<string>;
  /** Exit code or signal, what it printed, and what it said. */
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly said: string }>;
  readonly pidOf: (name: 'bridge' | 'front' | 'archive' | 'work') => number;
};

type Start = {
  readonly folder: string;
  readonly words?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
};

const locks = { bridge: 'bridge.lock', front: 'front.lock', archive: 'archive/lock', work: 'work/lock' };

/** Starts papilio in a folder; it is ended after the test at the latest. */
export const startWhole = ({ folder, words = [], environment = {} }: Start): WholeHouse => {
  const house = spawn(process.execPath, [main, '--data', folder, '--port', '0', ...words], {
    env: { ...plainEnvironment, PAPILIO_RUN_CLOSE_S: '3', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void house.kill('SIGKILL'));
  const heard = { out: '', said: '' };
  const listeners = new Set<() => void>();
  house.stdout.setEncoding('utf8').on('data', (text: string) => (heard.out += text));
  house.stderr.setEncoding('utf8').on('data', (text: string) => {
    heard.said += text;
    for (const listener of listeners) listener();
  });
  const ended = once(house, 'close').then(([code]) => ({ code: z.number().nullable().parse(code), ...heard }));
  const says = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = () => {
        if (!pattern.test(heard.said)) return;
        listeners.delete(look);
        resolve(heard.said);
      };
      listeners.add(look);
      ended.then(() => reject(new Error(`it ended without saying ${pattern}: ${heard.said}`)), reject);
      look();
    });
  const pidOf = (name: keyof typeof locks) =>
    Pid.parse(JSON.parse(readFileSync(join(folder, locks[name]), 'utf8'))).pid;
  return { process: house, says, ended, pidOf };
};

/** Writes a recording beside the data folder. */
export const aRecording = (scratch: string, lines: readonly string[]): string => {
  const file = join(scratch, 'recording.jsonl');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
};

/** What `--json` printed. */
export const summaryOf = (out: string): Summary => Summary.parse(JSON.parse(out));
