import type { Answer } from '../stimulus.ts';
import { isTimeout, TIMEOUT } from './evaluate.ts';
import { MEMORY_LIMIT } from './functions.ts';
import { Lane, type Running } from './lane.ts';
import type { Question } from './question.ts';

/** AWS's limit on the time of one expression. */
const LIMIT_MS = 1000;
/** So long an expression may keep the others waiting; almost all need less than a hundredth of it. */
const QUICK_MS = 50;
const MAX_KNOWN_SLOW = 1000;

const failure = (at: string, message: string): Answer => ({
  at,
  failure: ` threw an error during evaluation: ${message}`,
});

/**
 * Evaluates expressions in threads that can be ended. Two of them: what is not done quickly in the first begins anew in the
 * second, so that slow expressions wait for each other and quick ones do not wait for them.
 */
export class Lanes {
  readonly #knownSlow = new Set<string>();
  readonly #quick = new Lane(QUICK_MS, (question) => this.#isKnownSlow(question));
  readonly #slow = new Lane(LIMIT_MS, () => false);

  /** `running` is told when the question is at work, and when it is not. */
  async evaluate(question: Question, signal: AbortSignal, running: Running): Promise<readonly Answer[]> {
    const result = await this.#quick.run(question, signal, running);
    if (typeof result !== 'string' && !isTimeout(result.at(-1))) return result;
    if (signal.aborted) return [];
    for (const { source } of question.items) this.#remember(source);
    return this.#oneByOne(question, signal, running);
  }

  /** One expression at a time, so that it is known which one was ended. */
  async #oneByOne(question: Question, signal: AbortSignal, running: Running): Promise<readonly Answer[]> {
    const answers: Answer[] = [];
    for (const item of question.items) {
      const result = await this.#slow.run({ ...question, items: [item] }, signal, running);
      const answer = this.#answer(item.at, result);
      answers.push(answer);
      // It may have waited for others only.
      if (!isTimeout(answer)) this.#knownSlow.delete(item.source);
      if (answer.failure !== undefined) break;
    }
    return answers;
  }

  #answer(at: string, result: readonly Answer[] | 'late' | 'exhausted'): Answer {
    if (result === 'late') return failure(at, TIMEOUT);
    if (result === 'exhausted') return failure(at, MEMORY_LIMIT);
    return result[0] ?? { at };
  }

  #isKnownSlow({ items }: Question): boolean {
    return items.some(({ source }) => this.#knownSlow.has(source));
  }

  #remember(source: string): void {
    if (this.#knownSlow.size >= MAX_KNOWN_SLOW) this.#knownSlow.clear();
    this.#knownSlow.add(source);
  }
}
