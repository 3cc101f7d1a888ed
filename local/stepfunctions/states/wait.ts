import { scopeOf } from '../context-object.ts';
import { compileDataFlow } from '../data-flow.ts';
import type { Definition } from '../definition.ts';
import { timestampMs } from '../expressions/comparisons.ts';
import { compileScopePath } from '../expressions/expression.ts';
import { runtimeFailure } from '../failure.ts';
import { excerpt, type Json } from '../json.ts';
import { compileNumberField, compileTextField } from '../jsonata/field.ts';
import { evaluationFailure } from '../jsonata/template.ts';
import { exitBy } from '../leave.ts';
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

const fromExpression = (definition: Definition, field: string, end: End): When | undefined => {
  if (field === 'Seconds') {
    const seconds = compileNumberField(definition, field, 0, MAX_SECONDS);
    return (turn, thread) => end(seconds?.(turn, thread, {}) ?? 0, turn.atMs) ?? turn.atMs;
  }
  const timestamp = compileTextField(definition, field);
  return (turn, thread) => {
    const value = timestamp?.(turn, thread, {}) ?? '';
    const endAtMs = end(value, turn.atMs);
    if (endAtMs !== undefined) return endAtMs;
    const reason = `The ${field} parameter does not reference a valid ISO-8601 extended offset date-time format string`;
    throw evaluationFailure(definition.location(field), `${reason}${shown(value)}`);
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
  if (definition.isJsonata) return fromExpression(definition, field, end);
  const value = definition.fields[field] ?? null;
  if (field.endsWith('Path')) return fromPath(definition, field, definition.text(field) ?? '$', end);
  if (end(value, 0) === undefined) definition.problem(field, 'The value is not valid for this field');
  return (turn) => end(value, turn.atMs) ?? turn.atMs;
};

/** Wait: for some seconds or until a moment; the moment is fixed on entry and survives restarts. */
export const waitState: StateType = {
  fields: ['InputPath', 'OutputPath', ...FORMS.map(([field]) => field), 'Output', 'Assign', 'Next', 'End'],
  compile: (definition, context) => {
    const flow = compileDataFlow(definition);
    const exit = exitBy(flow, context.next());
    const when = compileWhen(definition);
    return {
      exit,
      enter: (turn, thread) => {
        const input = flow.input(turn, thread);
        const dueAtMs = when?.(turn, thread, input) ?? turn.atMs;
        wait(turn, thread, {
          id: thread.enteredEventId,
          reason: 'wait',
          request: undefined,
          dueAtMs,
          timeoutAtMs: Number.POSITIVE_INFINITY,
          heartbeatMs: Number.POSITIVE_INFINITY,
          isSubmitted: false,
        });
        return WAITING;
      },
      resume: (turn, thread, stimulus) => {
        if (stimulus.type !== 'timer') return WAITING;
        unwait(turn, thread, true);
        return exit(turn, thread, flow.input(turn, thread));
      },
    };
  },
};
