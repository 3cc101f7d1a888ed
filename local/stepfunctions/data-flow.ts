import { scopeOf } from './context-object.ts';
import type { Definition } from './definition.ts';
import { compileScopePath } from './expressions/expression.ts';
import { bracketed, compilePath } from './expressions/json-path.ts';
import { compileTemplate as compilePayloadTemplate, type PayloadTemplate } from './expressions/payload-template.ts';
import { runtimeFailure, StateFailure } from './failure.ts';
import { excerpt, isArray, isObject, type Json, type JsonObject, jsonSize, own, put } from './json.ts';
import { Unanswered } from './jsonata/question.ts';
import { compileTemplate, type View } from './jsonata/template.ts';
import { LEVEL_BYTES, MAX_DATA_BYTES } from './limits.ts';
import { RESULT, type Thread, type Turn } from './model.ts';
import { checkedBound } from './turn.ts';
import { assign, nameProblem } from './variables.ts';

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
    if (found === undefined)
      throw runtimeFailure(`Invalid path '${text}' : No results for path: ${bracketed(text ?? '$')}`);
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

/** A field with JSONata expressions; they see the state's raw input, whatever value comes in. */
const jsonataFlow = (definition: Definition, field: string): Flow => {
  const template = compileTemplate(definition, field);
  if (!template) return same;
  const { constant } = template;
  const constantBytes = constant ? jsonSize(constant.value, MAX_DATA_BYTES + 1) : UNBOUNDED;
  return (turn, thread) => {
    const value = template.evaluate(turn, thread, {});
    turn.boundBytes = constantBytes;
    return value;
  };
};

/** Parameters, ResultSelector, ItemSelector, and what they are called in JSONata. */
export const compilePayload = (definition: Definition, field: string): Flow => {
  const source = definition.fields[field];
  if (source === undefined) return same;
  if (definition.isJsonata) return jsonataFlow(definition, field);
  return templateFlow(compilePayloadTemplate(source, `${definition.at}/${field}`, definition.problemAt));
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

type Output = DataFlow['output'];

/** The result, told to whoever watches the state, and its output. */
const watchedOutput = ({ watch }: Definition, output: Output): Output =>
  watch === undefined
    ? output
    : (turn, thread, result) => {
        watch('result', result);
        output(turn, thread, result);
      };

/** What `$states` shows of the value that becomes an output. */
type Shown = 'result' | 'errorOutput' | undefined;

/** The variables that Assign sets, as an object by name. */
type Assigned = (turn: Turn, thread: Thread, value: Json, view: View) => JsonObject;

/** Assign; what it gives is set only after everything else of the state has been evaluated. */
const compileAssign = (definition: Definition, shown?: Shown): Assigned | undefined => {
  const names = definition.object('Assign');
  if (!names) return undefined;
  for (const name of Object.keys(names.fields)) {
    const problem = nameProblem(definition.isJsonata ? name : name.replace(/\.\$$/, ''));
    if (problem !== undefined) names.problem(name, problem);
  }
  const template = definition.isJsonata ? compileTemplate(definition, 'Assign', shown) : undefined;
  const payload = template ? undefined : compilePayload(definition, 'Assign');
  return (turn, thread, value, view) => {
    const values = template ? template.evaluate(turn, thread, view) : payload?.(turn, thread, value);
    return isObject(values) ? values : {};
  };
};

/** Runs an output that may wait for expressions; the value is kept, and goes the same way again. */
const leaving =
  (exit: number | undefined, output: Output): Output =>
  (turn, thread, value) => {
    const { boundBytes } = turn;
    try {
      output(turn, thread, value);
    } catch (thrown) {
      if (exit !== undefined && thrown instanceof Unanswered) thread.leaving = { exit, value, boundBytes };
      throw thrown;
    }
  };

/** Output and Assign; `shown` is the name of the value in `$states`. */
const jsonataOutput = (definition: Definition, shown: Shown, exit: number | undefined): Output => {
  const template = compileTemplate(definition, 'Output', shown);
  const assigned = compileAssign(definition, shown);
  if (!template && !assigned) return plainOutput(same);
  return leaving(exit, (turn, thread, value) => {
    const view = shown === undefined ? {} : { [shown]: value };
    const output = template ? template.evaluate(turn, thread, view) : value;
    const boundBytes = checkedBound(thread, output, template ? UNBOUNDED : turn.boundBytes);
    const variables = assigned?.(turn, thread, value, view);
    if (variables) assign(turn, thread, variables);
    thread.boundBytes = boundBytes;
    thread.data = output;
  });
};

const plainOutput =
  (flow: Flow): Output =>
  (turn, thread, value) => {
    const output = flow(turn, thread, value);
    thread.boundBytes = checkedBound(thread, output, turn.boundBytes);
    thread.data = output;
  };

const pathOutput = (definition: Definition, flow: Flow): Output => {
  const assigned = compileAssign(definition);
  const output = plainOutput(flow);
  if (!assigned) return output;
  return (turn, thread, value) => {
    const { boundBytes } = turn;
    const variables = assigned(turn, thread, value, {});
    turn.boundBytes = boundBytes;
    output(turn, thread, value);
    assign(turn, thread, variables);
  };
};

/** How the output of a caught error becomes the thread's data; `catcher` counts the state's catchers. */
export const compileCaught = (definition: Definition, catcher: number): Output =>
  definition.isJsonata
    ? jsonataOutput(definition, 'errorOutput', catcher)
    : pathOutput(definition, compileResultPath(definition));

/** What a Choice state's rule, or its default, makes of the input. Such a state is entered again for every answer. */
export const compileChosen = (definition: Definition): Output =>
  definition.isJsonata
    ? jsonataOutput(definition, undefined, undefined)
    : pathOutput(definition, compileSelection(definition, 'OutputPath'));

const HAVE_RESULTS = new Set<Json>(['Task', 'Parallel', 'Map']);

/** What a state works on, its size looked at. */
const inputBy =
  (before: Flow): DataFlow['input'] =>
  (turn, thread) => {
    turn.boundBytes = thread.boundBytes;
    const value = before(turn, thread, thread.data);
    turn.boundBytes = checkedBound(thread, value, turn.boundBytes);
    return value;
  };

const jsonataDataFlow = (definition: Definition): DataFlow => {
  const before = watched(definition, 'afterArguments', compilePayload(definition, 'Arguments'));
  return {
    input: inputBy(before),
    output: watchedOutput(
      definition,
      jsonataOutput(definition, HAVE_RESULTS.has(definition.fields.Type ?? null) ? 'result' : undefined, RESULT),
    ),
  };
};

/** Compiles the data fields that a state has; absent ones cost nothing. */
export const compileDataFlow = (definition: Definition): DataFlow => {
  if (definition.isJsonata) return jsonataDataFlow(definition);
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
    input: inputBy(before),
    output: pathOutput(definition, after),
  };
};
