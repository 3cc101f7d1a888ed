import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { engineNodeFlags } from '../../../local/engine/node-flags.ts';
import { plainEnvironment } from '../../builders/plain-environment.ts';
import { Order, Report } from './words.ts';

const program = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const Address = z.object({ port: z.int(), pid: z.int() });

/** A front of a data folder, in a process of its own. */
export type BenchFront = { readonly port: number; readonly pid: number; readonly kill: () => Promise<void> };

const portOf = async (folder: string, pid: number): Promise<number> => {
  for (;;) {
    try {
      const address = Address.parse(JSON.parse(readFileSync(join(folder, 'front.json'), 'utf8')));
      if (address.pid === pid) return address.port;
    } catch {
      // it is not written yet
    }
    await delay(10);
  }
};

/** Starts a front; resolves when it serves. */
export const startFront = async (folder: string): Promise<BenchFront> => {
  // As the supervisor starts it.
  const child = spawn(process.execPath, [...engineNodeFlags, program('../../../local/front.ts'), '--port', '0'], {
    cwd: folder,
    env: { ...plainEnvironment, PAPILIO_LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const pid = child.pid ?? 0;
  return {
    port: await portOf(folder, pid),
    pid,
    kill: async () => {
      const gone = once(child, 'close');
      child.kill('SIGKILL');
      await gone;
    },
  };
};

/** The process of the listeners. */
export type Listeners = {
  readonly pid: number;
  readonly tell: (order: Order) => Promise<Report>;
  readonly close: () => void;
};

const answerOf = async (child: ChildProcess): Promise<Report> => {
  const [answer] = await once(child, 'message');
  return Report.parse(answer);
};

/** Starts the process of the listeners. */
export const startListeners = (): Listeners => {
  const child = fork(program('../live-listeners.ts'), { env: { ...plainEnvironment } });
  return {
    pid: child.pid ?? 0,
    tell: async (order) => {
      const answered = answerOf(child);
      child.send(Order.parse(order));
      return answered;
    },
    close: () => void child.disconnect(),
  };
};
