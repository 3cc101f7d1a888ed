import { scopeOf } from './context-object.ts';
import type { Definition } from './definition.ts';
import { compileScopePath } from './expressions/expression.ts';
import { compilePath } from './expressions/json-path.ts';
import { compileTemplate, type PayloadTemplate } from './expressions/payload-template.ts';
import { runtimeFailure, StateFailure } from './failure.ts';
import { excerpt, isArray, isObject, type Json, own, put } from './json.ts';
import { LEVEL_BYTES } from './limits.ts';
import type { Thread, Turn } from './model.ts';
import { checkedBound } from './turn.ts';

/** Takes a value (whose size bound is in `turn.boundBytes`) to the next one, leaving the new bound there. */
export type Flow = (turn: Turn, thread: Thread, value: Json) => Json;

const UNBOUNDED = Number.POSITIVE_INFINITY;
const same: Flow = (_turn, _thread, value) => value;

const nothing: Flow = (turn) => {
  turn.boundBytes = 2;
  return {};
};

/** InputPath, OutputPath: a path, absent (the whole), or null (nothing). */
export const compileSelection = (definition: Definition, field: string): Flow => {
  const source = definition.fields[field];
  if (source === undefined || source === '$') return same;
  if (source === null) return nothing;
  const text = definition.text(field);
  const path = definition.expression(field, () => compileScopePath(text ?? '$'));
  if (!path) return same;
  return (turn, thread, value) => {
    const found = path.read(scopeOf(turn, thread, value));
    if (found === undefined) throw runtimeFailure(`Invalid path '${text}' : No results for path: ${text}`);
    if (!path.isBounded) turn.boundBytes = UNBOUNDED;
    return found;
  };
};

/** The flow that a payload template is. */
const templateFlow = (template: PayloadTemplate): Flow => {
  const { constant, staticBytes, pathCount, isBounded } = template;
  if (constant) {
    return (turn) => {
      turn.boundBytes = staticBytes;
      return constant.value;
    };
  }
  return (turn, thread, value) => {
    turn.boundBytes = isBounded ? staticBytes + pathCount * turn.boundBytes : UNBOUNDED;
    return template.evaluate(scopeOf(turn, thread, value));
  };
};

/** Parameters, ResultSelector, ItemSelector. */
export const compilePayload = (definition: Definition, field: string): Flow => {
  const source = definition.fields[field];
  if (source === undefined) return same;
  return templateFlow(compileTemplate(source, `${definition.at}/${field}`, definition.problemAt));
};

type Merge = (input: Json, result: Json) => Json;

/** Copies what lies on the way to the place, shares all the rest. */
const placed = (input: Json | undefined, keys: readonly (string | number)[], depth: number, result: Json): Json => {
  const key = keys[depth];
  if (key === undefined) return result;
  if (typeof key === 'number') {
    if (!isArray(input) || key < 0 || key >= input.length) throw new RangeError('no such element');
    return input.with(key, placed(input[key], keys, depth + 1, result));
  }
  if (input !== undefined && !isObject(input)) throw new TypeError('not an object');
  const copy: Record<string, Json> = { ...input };
  put(copy, key, placed(input && own(input, key), keys, depth + 1, result));
  return copy;
};

const compileMerge = (text: string, keys: readonly (string | number)[]): Merge => {
  return (input, result) => {
    try {
      return placed(input, keys, 0, result);
    } catch {
      throw new StateFailure(
        'States.ResultPathMatchFailure',
        `Unable to apply ReferencePath ${text} to input ${excerpt(input)}`,
        true,
      );
    }
  };
};

/** ResultPath: puts the result into the thread's raw input. */
export const compileResultPath = (definition: Definition): Flow => {
  const source = definition.fields.ResultPath;
  if (source === undefined || source === '$') return same;
  if (source === null) {
    return (turn, thread) => {
      turn.boundBytes = thread.boundBytes;
      return thread.data;
    };
  }
  const text = definition.text('ResultPath') ?? '$';
  const keys = definition.expression('ResultPath', () => compilePath(text).reference);
  if (!keys) {
    definition.problem('ResultPath', 'The value must be a valid ReferencePath');
    return same;
  }
  const merge = compileMerge(text, keys);
  const pathBytes = text.length * 6 + keys.length * LEVEL_BYTES;
  return (turn, thread, value) => {
    turn.boundBytes += thread.boundBytes + pathBytes;
    return merge(thread.data, value);
  };
};

/** How a state's input is made, and how its result becomes the thread's data. */
export type DataFlow = {
  /** After InputPath and Parameters; its size bound is in `turn.boundBytes`. */
  readonly input: (turn: Turn, thread: Thread) => Json;
  /** Takes a result, with its bound in `turn.boundBytes`, through ResultSelector, ResultPath and OutputPath. */
  readonly output: (turn: Turn, thread: Thread, result: Json) => void;
};

const chain = (flows: readonly Flow[]): Flow => {
  const steps = flows.filter((flow) => flow !== same);
  const [first, second] = steps;
  if (!first) return same;
  if (!second) return first;
  return (turn, thread, value) => steps.reduce((current, step) => step(turn, thread, current), value);
};

/** The flow, told to whoever watches the state. */
const watched = ({ watch }: Definition, stage: string, flow: Flow): Flow =>
  watch === undefined
    ? flow
    : (turn, thread, value) => {
        const next = flow(turn, thread, value);
        watch(stage, next);
        return next;
      };

/** Compiles the data fields that a state has; absent ones cost nothing. */
export const compileDataFlow = (definition: Definition): DataFlow => {
  const before = chain([
    watched(definition, 'afterInputPath', compileSelection(definition, 'InputPath')),
    watched(definition, 'afterParameters', compilePayload(definition, 'Parameters')),
  ]);
  const after = chain([
    watched(definition, 'result', same),
    watched(definition, 'afterResultSelector', compilePayload(definition, 'ResultSelector')),
    watched(definition, 'afterResultPath', compileResultPath(definition)),
    compileSelection(definition, 'OutputPath'),
  ]);
  return {
    input: (turn, thread) => {
      turn.boundBytes = thread.boundBytes;
      const value = before(turn, thread, thread.data);
      turn.boundBytes = checkedBound(thread, value, turn.boundBytes);
      return value;
    },
    output: (turn, thread, result) => {
      const value = after(turn, thread, result);
      thread.boundBytes = checkedBound(thread, value, turn.boundBytes);
      thread.data = value;
    },
  };
};
