import jsonata from 'jsonata';
import { isArray, type Json, MAX_DEPTH, put } from '../json.ts';
import { seededRandom } from '../random.ts';
import type { Answer } from '../stimulus.ts';
import { awsFunctions, ExpressionError, MEMORY_LIMIT } from './functions.ts';
import type { Question } from './question.ts';

/** AWS's limit on the nesting of an evaluation. */
const MAX_LEVELS = 100;
/** AWS's limit on a value, with eight bytes a number and one a character. */
const MAX_VALUE_BYTES = 6_990_256;

/** Tells that an evaluation took longer than it was given. */
export const TIMEOUT = 'Expression evaluation timeout: Check for infinite loop';

const OVERFLOW = 'Stack overflow error: Check for non-terminating recursive function.';

const isFunction = (value: object): boolean =>
  typeof value === 'function' || '_jsonata_function' in value || '_jsonata_lambda' in value;

/** Makes JSON of an evaluated value; no recursion before depth and size are looked at. */
class Copier {
  #leftBytes = MAX_VALUE_BYTES;

  copy(value: unknown, depth = 0): Json {
    this.#leftBytes -= 8 + (typeof value === 'string' ? value.length : 0);
    if (this.#leftBytes < 0) throw new ExpressionError(MEMORY_LIMIT);
    if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
    if (typeof value === 'string' || typeof value === 'boolean') return value;
    if (typeof value !== 'object' || value === null) return typeof value === 'function' ? '' : null;
    if (depth >= MAX_DEPTH) throw new ExpressionError(`The value nests deeper than ${MAX_DEPTH} levels`);
    return this.#inner(value, depth);
  }

  #inner(value: object, depth: number): Json {
    if (isArray(value)) return value.map((item) => this.copy(item, depth + 1));
    if (isFunction(value)) return '';
    const copy: Record<string, Json> = {};
    for (const [key, item] of Object.entries(value)) {
      this.#leftBytes -= key.length;
      put(copy, key, this.copy(item, depth + 1));
    }
    return copy;
  }
}

const field = (error: unknown, name: 'code' | 'message'): string | undefined => {
  if (typeof error !== 'object' || error === null || !(name in error)) return undefined;
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : undefined;
};

/** What AWS appends to the sentence that names the expression: `. CODE: text`, or `: text` for one without a code. */
const told = (error: unknown): string => {
  if (error instanceof RangeError) return ` threw an error during evaluation: ${OVERFLOW}`;
  const code = field(error, 'code');
  const message = field(error, 'message') ?? String(error);
  return ` threw an error during evaluation${code === undefined ? ':' : `. ${code}:`} ${message}`;
};

const MAX_KNOWN = 1000;
const known = new Map<string, jsonata.Expression>();

const parsed = (source: string): jsonata.Expression => {
  const before = known.get(source);
  if (before) return before;
  const expression = jsonata(source);
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(source, expression);
  return expression;
};

const fromMillis = jsonata('$fromMillis($ms, $picture, $zone)');

/** Ends what nests too deep or takes too long, but for a regular expression: that takes the end of its thread. */
const guard = (expression: jsonata.Expression, limitMs: number): void => {
  const endAtMs = performance.now() + limitMs;
  let depth = 0;
  const check = (by: number) => (_node: unknown, _input: unknown, frame: { readonly isParallelCall?: boolean }) => {
    if (performance.now() > endAtMs) throw new ExpressionError(TIMEOUT);
    if (frame.isParallelCall) return;
    depth += by;
    if (depth <= MAX_LEVELS) return;
    throw new ExpressionError(`${OVERFLOW}  Consider rewriting as tail-recursive. Depth=${depth} max=${MAX_LEVELS}`);
  };
  bindHook(expression, 'jsonata.__evaluate_entry', check(1));
  bindHook(expression, 'jsonata.__evaluate_exit', check(-1));
};

/** The library's types know names only, its hooks are symbols. */
const bindHook = (expression: jsonata.Expression, name: string, hook: unknown): void => {
  const assign: (key: never, value: unknown) => void = expression.assign;
  Reflect.apply(assign, expression, [Symbol.for(name), hook]);
};

const prepare = (expression: jsonata.Expression, question: Question, at: string, limitMs: number): void => {
  const random = seededRandom(`${question.seed}/${at}`);
  for (const [name, [signature, run]] of Object.entries(awsFunctions(() => random))) {
    expression.registerFunction(name, (...args: unknown[]) => Reflect.apply(run, undefined, args), signature);
  }
  expression.registerFunction('millis', () => question.atMs, '<:n>');
  expression.registerFunction(
    'now',
    (picture?: string, zone?: string) => fromMillis.evaluate(undefined, { ms: question.atMs, picture, zone }),
    '<s?s?:s>',
  );
  // AWS has none: what it reads is not known when the machine is created.
  expression.assign('eval', undefined);
  guard(expression, limitMs);
};

const one = async (question: Question, at: string, source: string, limitMs: number): Promise<Answer> => {
  try {
    const expression = parsed(source);
    prepare(expression, question, at, limitMs);
    const value: unknown = await expression.evaluate(undefined, question.bindings);
    if (value === undefined) return { at };
    if (typeof value === 'function' || (typeof value === 'object' && value !== null && isFunction(value)))
      return { at, failure: ' returned an unsupported result type.' };
    return { at, value: new Copier().copy(value) };
  } catch (error) {
    return { at, failure: told(error) };
  }
};

/** Evaluates the expressions of a question one after the other, each within `limitMs`, up to the first that fails. */
export const evaluate = async (question: Question, limitMs: number): Promise<readonly Answer[]> => {
  const answers: Answer[] = [];
  for (const { at, source } of question.items) {
    const answer = await one(question, at, source, limitMs);
    answers.push(answer);
    if (answer.failure !== undefined) break;
  }
  return answers;
};

/** True for an answer that more time might change. */
export const isTimeout = (answer: Answer | undefined): boolean => answer?.failure?.endsWith(TIMEOUT) === true;
