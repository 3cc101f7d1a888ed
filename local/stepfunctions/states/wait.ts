import { scopeOf } from '../context-object.ts';
import { compileDataFlow } from '../data-flow.ts';
import type { Definition } from '../definition.ts';
import { timestampMs } from '../expressions/comparisons.ts';
import { compileScopePath } from '../expressions/expression.ts';
import { runtimeFailure } from '../failure.ts';
import { excerpt, type Json } from '../json.ts';
import { leave } from '../leave.ts';
import { type Thread, type Turn, WAITING } from '../model.ts';
import { unwait, wait } from '../turn.ts';
import type { StateType } from './state-type.ts';

const MAX_SECONDS = 99_999_999;

/** When a wait of this value ends; `undefined` if the value is no such thing. */
type End = (value: Json, atMs: number) => number | undefined;

const afterSeconds: End = (value, atMs) =>
  typeof value === 'number' && value >= 0 && value <= MAX_SECONDS ? atMs + Math.trunc(value) * 1000 : undefined;

const untilTimestamp: End = (value) => timestampMs(value);

const FORMS: readonly (readonly [field: string, end: End])[] = [
  ['Seconds', afterSeconds],
  ['SecondsPath', afterSeconds],
  ['Timestamp', untilTimestamp],
  ['TimestampPath', untilTimestamp],
];

/** What AWS calls the value that a path must give. */
const KINDS: Readonly<Record<string, string>> = {
  TimestampPath: 'ISO-8601 extended offset date-time format string',
};

const shown = (value: Json | undefined): string =>
  value === undefined ? '' : ` == ${typeof value === 'string' ? value.slice(0, 1000) : excerpt(value)}`;

type When = (turn: Turn, thread: Thread, input: Json) => number;

const fromPath = (definition: Definition, field: string, text: string, end: End): When | undefined => {
  const path = definition.expression(field, () => compileScopePath(text));
  if (!path) return undefined;
  return (turn, thread, input) => {
    const value = path.read(scopeOf(turn, thread, input));
    const endAtMs = value === undefined ? undefined : end(value, turn.atMs);
    if (endAtMs !== undefined) return endAtMs;
    throw runtimeFailure(
      `The ${field} parameter does not reference a valid ${KINDS[field] ?? 'value'}: ${text}${shown(value)}`,
    );
  };
};

const compileWhen = (definition: Definition): When | undefined => {
  const given = FORMS.filter(([field]) => definition.has(field));
  const [form] = given;
  if (!form || given.length !== 1) {
    const names = FORMS.map(([field]) => `'${field}'`).join(',');
    definition.problemAt(definition.at, `A Wait state must contain exactly one of [${names}]`);
    return undefined;
  }
  const [field, end] = form;
  const value = definition.fields[field] ?? null;
  if (field.endsWith('Path')) return fromPath(definition, field, definition.text(field) ?? '$', end);
  if (end(value, 0) === undefined) definition.problem(field, 'The value is not valid for this field');
  return (turn) => end(value, turn.atMs) ?? turn.atMs;
};

/** Wait: for some seconds or until a moment; the moment is fixed on entry and survives restarts. */
export const waitState: StateType = {
  fields: ['InputPath', 'OutputPath', ...FORMS.map(([field]) => field), 'Next', 'End'],
  compile: (definition, context) => {
    const flow = compileDataFlow(definition);
    const link = context.next();
    const when = compileWhen(definition);
    return {
      enter: (turn, thread) => {
        const input = flow.input(turn, thread);
        wait(turn, thread, {
          id: thread.enteredEventId,
          reason: 'wait',
          request: undefined,
          dueAtMs: when?.(turn, thread, input) ?? turn.atMs,
          timeoutAtMs: Number.POSITIVE_INFINITY,
          heartbeatMs: Number.POSITIVE_INFINITY,
          isSubmitted: false,
        });
        return WAITING;
      },
      resume: (turn, thread, stimulus) => {
        if (stimulus.type !== 'timer') return WAITING;
        unwait(turn, thread, true);
        flow.output(turn, thread, flow.input(turn, thread));
        return leave(turn, thread, link);
      },
    };
  },
};
