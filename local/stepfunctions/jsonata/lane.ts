import { Worker } from 'node:worker_threads';
import * as z from 'zod';
import { Answer } from '../stimulus.ts';
import type { Question } from './question.ts';

/** What a worker is given: a question, and the time that each of its expressions may take. */
export type Job = { readonly question: Question; readonly limitMs: number };

/** What came of a question; `late` and `exhausted` if the worker had to be ended, or ended for want of memory. */
export type Result = readonly Answer[] | 'late' | 'exhausted';

/** Told when a question begins to be worked on, and when that ends. */
export type Running = (isRunning: boolean) => void;

type Waiting = {
  readonly question: Question;
  readonly signal: AbortSignal;
  readonly running: Running;
  readonly done: (result: Result) => void;
};

const Answers = z.array(Answer);
/** Beyond the expressions' own time, so that the worker can say by itself which one was late. */
const GRACE_MS = 50;
const HEAP_MB = 128;

/** One worker and the questions that wait for it, in order. A worker that is late or out of memory is replaced. */
export class Lane {
  readonly #limitMs: number;
  readonly #isLate: (question: Question) => boolean;
  readonly #queue: Waiting[] = [];
  #worker: Worker | undefined;
  #isReady = false;
  #current: Waiting | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** What `isLate` knows to take too long is not tried. */
  constructor(limitMs: number, isLate: (question: Question) => boolean) {
    this.#limitMs = limitMs;
    this.#isLate = isLate;
  }

  run(question: Question, signal: AbortSignal, running: Running): Promise<Result> {
    return new Promise((done) => {
      this.#queue.push({ question, signal, running, done });
      this.#next();
    });
  }

  #next(): void {
    if (this.#current) return;
    const next = this.#queue.shift();
    if (!next) return;
    if (next.signal.aborted || this.#isLate(next.question)) {
      next.done('late');
      this.#next();
      return;
    }
    this.#current = next;
    this.#worker ??= this.#begin();
    if (this.#isReady) this.#ask(next);
  }

  #ask({ question, running }: Waiting): void {
    running(true);
    const job: Job = { question, limitMs: this.#limitMs };
    this.#timer = setTimeout(() => this.#ended('late'), this.#limitMs * question.items.length + GRACE_MS);
    this.#worker?.postMessage(job);
  }

  #begin(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
      execArgv: [],
      env: {},
    });
    worker.on('message', (text: unknown) => {
      if (this.#worker !== worker) return;
      if (text !== '') this.#finish(Answers.parse(JSON.parse(String(text))));
      else {
        this.#isReady = true;
        if (this.#current) this.#ask(this.#current);
      }
    });
    worker.on('error', () => {
      if (this.#worker === worker) this.#ended('exhausted');
    });
    return worker;
  }

  #ended(result: 'late' | 'exhausted'): void {
    this.#drop();
    this.#finish(result);
  }

  #drop(): void {
    clearTimeout(this.#timer);
    const worker = this.#worker;
    this.#worker = undefined;
    this.#isReady = false;
    worker?.terminate().catch(() => undefined);
  }

  #finish(result: Result): void {
    clearTimeout(this.#timer);
    const current = this.#current;
    this.#current = undefined;
    current?.running(false);
    current?.done(result);
    this.#next();
  }
}
