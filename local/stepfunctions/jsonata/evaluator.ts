import { setTimeout } from 'node:timers/promises';
import type { Answer } from '../stimulus.ts';
import { Child } from './child.ts';
import { MEMORY_LIMIT } from './functions.ts';
import type { Question } from './question.ts';

/** One for all engines of this process. */
const shared = new Child();
/** Where what was at work when a process died is tried again, one at a time. */
const solitary = new Child();
let turn: Promise<unknown> = Promise.resolve();
let engines = 0;
/** Expressions that have ended a process: they are not tried beside others again. */
const greedy = new Set<string>();
const MAX_GREEDY = 1000;
/** A process that cannot even be made, for want of memory or files, is not tried without a pause. */
const AGAIN_MS = 50;

const remember = (source: string): void => {
  if (greedy.size >= MAX_GREEDY) greedy.clear();
  greedy.add(source);
};

/** An expression of which it is now known that it ends its process fails as AWS fails what takes too much memory. */
const alone = async (question: Question, signal: AbortSignal): Promise<readonly Answer[]> => {
  const answers: Answer[] = [];
  for (const item of question.items) {
    const result = await solitary.run({ ...question, items: [item] }, signal);
    const failure = ` threw an error during evaluation: ${MEMORY_LIMIT}`;
    if (typeof result === 'string') remember(item.source);
    answers.push(...(typeof result === 'string' ? [{ at: item.at, failure }] : result));
    if (answers.at(-1)?.failure !== undefined) break;
  }
  return answers;
};

/** Evaluates expressions in a process that can be ended, for one engine. */
export class Evaluator {
  readonly #closed = new AbortController();

  constructor() {
    engines += 1;
  }

  /** Never rejects; what is aborted never settles. */
  async evaluate(question: Question, signal: AbortSignal): Promise<readonly Answer[]> {
    const either = AbortSignal.any([signal, this.#closed.signal]);
    const answers = await this.#answers(question, either);
    return either.aborted ? new Promise(() => undefined) : answers;
  }

  async #answers(question: Question, signal: AbortSignal): Promise<readonly Answer[]> {
    const isGreedy = question.items.some(({ source }) => greedy.has(source));
    let result = isGreedy ? ('guilty' as const) : await shared.run(question, signal);
    while (result === 'innocent') {
      await setTimeout(AGAIN_MS, undefined, { ref: false });
      result = await shared.run(question, signal);
    }
    if (typeof result !== 'string') return result;
    const mine = turn.then(() => alone(question, signal));
    turn = mine;
    return mine;
  }

  close(): void {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    engines -= 1;
    if (engines > 0) return;
    shared.close();
    solitary.close();
  }
}
