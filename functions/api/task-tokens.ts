import { jsonOf } from '#lib/model/json';
import type { Principal } from '#schema/access';
import type { ExecutionHistory, ExecutionView } from '#schema/execution';
import { decide } from '../access/decide.ts';

/**
 * Who holds a task token can end the wait of an execution, and say how. So they are shown to those alone who may end executions;
 * others read everything but them.
 */
const mayAnswer = (principal: Principal): boolean => decide(principal, 'execution.stop').isAllowed;

const blot = '********';

/** What stands under the names that tokens have, in JSON and in JSON within JSON. Bounded, so that it is linear. */
const named = /(\\{0,15}"(?:task_?)?token\\{0,15}"\s{0,9}:\s{0,9}\\{0,15}")[^"\\]+/gi;
/** A word that is long enough for a token of papilio's engine; an escaped letter before it is no part of it. */
const longWord = /(?<=\\[bfnrt]|(?<![\w\\-]))[\w-]{60,}/g;
/** Of the engine: the execution's number, the event's, and the proof. */
const ofEngine = /^\d{1,20}\.\d{1,10}\.[\w-]{43}$/;

const isToken = (word: string): boolean => ofEngine.test(Buffer.from(word, 'base64url').toString('latin1'));

const hiddenIn = (text: string): string =>
  text.replace(named, `$1${blot}`).replace(longWord, (word) => (isToken(word) ? blot : word));

/** In the details of an event, which are as deep as AWS has made them: what people made is text there. */
const hidden = (value: unknown): unknown => {
  if (typeof value === 'string') return hiddenIn(value);
  if (Array.isArray(value)) return value.map(hidden);
  if (typeof value !== 'object' || value === null) return value;
  return hiddenFields(value);
};

const isTokenName = /^(task_?)?token$/i;
const hiddenFields = (fields: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      typeof value === 'string' && isTokenName.test(key) ? blot : hidden(value),
    ]),
  );

const hiddenValue = (value: unknown): unknown => jsonOf(hiddenIn(JSON.stringify(value)));

/** A part of a history, as somebody may read it. */
export const historyFor = (principal: Principal, history: ExecutionHistory): ExecutionHistory => {
  if (mayAnswer(principal)) return history;
  return { ...history, items: history.items.map((event) => ({ ...event, details: hiddenFields(event.details) })) };
};

/** An execution, as somebody may read it: it may have been given a token, or have given one back. */
export const executionFor = (principal: Principal, view: ExecutionView): ExecutionView => {
  if (mayAnswer(principal)) return view;
  return {
    ...view,
    input: hiddenValue(view.input),
    ...(view.output !== undefined && { output: hiddenValue(view.output) }),
    ...(view.cause !== undefined && { cause: hiddenIn(view.cause) }),
  };
};
