import { type ChildProcess, fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { Answer } from '../stimulus.ts';
import type { Question } from './question.ts';

/** What the process is sent: a question, or without one that nobody waits for it any more. */
export type Order = { readonly id: number; readonly question?: Question };

/** What came of a question; `guilty` if the process died while it was at work, `innocent` if it died while it waited. */
type Result = readonly Answer[] | 'guilty' | 'innocent';

const Report = z.object({ id: z.number(), isRunning: z.boolean().optional(), answers: z.array(Answer).optional() });

type Waiting = { isRunning: boolean; readonly done: (result: Result) => void };

const PROCESS = fileURLToPath(new URL('./process.ts', import.meta.url));
/** Expressions give way to everything else on the machine. */
const NICENESS = 15;

/** A process that evaluates expressions; made when it is needed, and again when it has died. It does not outlive this one. */
export class Child {
  readonly #waiting = new Map<number, Waiting>();
  #process: ChildProcess | undefined;
  #last = 0;

  run(question: Question, signal: AbortSignal): Promise<Result> {
    if (signal.aborted) return Promise.resolve([]);
    const id = ++this.#last;
    return new Promise((done) => {
      const aborted = (): void => {
        this.#send({ id });
        this.#settle(id, []);
      };
      signal.addEventListener('abort', aborted, { once: true });
      this.#waiting.set(id, {
        isRunning: false,
        done: (result) => {
          signal.removeEventListener('abort', aborted);
          done(result);
        },
      });
      this.#process ??= this.#begin();
      this.#process.channel?.ref();
      this.#send({ id, question });
    });
  }

  close(): void {
    this.#process?.kill('SIGKILL');
  }

  #send(order: Order): void {
    // What cannot be sent any more is answered by the end of the process.
    this.#process?.send(order, () => undefined);
  }

  #begin(): ChildProcess {
    const child = fork(PROCESS, { execArgv: [], env: {}, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    child.unref();
    child.channel?.unref();
    this.#calm(child);
    child.on('message', (message: unknown) => {
      const { id, isRunning, answers } = Report.parse(message);
      const waiting = this.#waiting.get(id);
      if (waiting && isRunning !== undefined) waiting.isRunning = isRunning;
      if (answers) this.#settle(id, answers);
    });
    // It could not be made, or not be killed.
    child.on('error', () => this.#died(child));
    child.on('exit', () => this.#died(child));
    return child;
  }

  #calm({ pid }: ChildProcess): void {
    try {
      if (pid !== undefined) setPriority(pid, NICENESS);
    } catch {
      // It may have died already, which its end will tell.
    }
  }

  #died(child: ChildProcess): void {
    if (this.#process !== child) return;
    this.#process = undefined;
    for (const [id, { isRunning }] of [...this.#waiting]) this.#settle(id, isRunning ? 'guilty' : 'innocent');
  }

  #settle(id: number, result: Result): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#process?.channel?.unref();
    waiting?.done(result);
  }
}
