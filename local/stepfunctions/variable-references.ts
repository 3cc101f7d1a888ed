import { isArray, isObject, type Json, type JsonObject, own, parseJson } from './json.ts';
import { ExpressionProblem, expressionIn, parseExpression } from './jsonata/syntax.ts';

const INNER = new Set(['Branches', 'ItemProcessor', 'Iterator']);
const NAME = /\$(\p{ID_Start}\p{ID_Continue}*)/gu;
/** Fields whose text is a path or an intrinsic function. */
const PATH = /(\.\$|Path|^Variable)$/;

const namesInExpression = (text: string): readonly string[] => {
  const source = expressionIn(text);
  if (source === undefined) return [];
  try {
    return [...parseExpression(source).names];
  } catch (error) {
    if (error instanceof ExpressionProblem) return [];
    throw error;
  }
};

const namesInText = (text: string, key: string): readonly string[] => [
  ...namesInExpression(text),
  ...(PATH.test(key) ? [...text.matchAll(NAME)].map(([, name = '']) => name) : []),
];

/** Every name that a part of a state reads, whatever it is; states inside are left to themselves. */
const namesIn = (value: Json, key: string): readonly string[] => {
  if (typeof value === 'string') return namesInText(value, key);
  if (isArray(value)) return value.flatMap((item) => namesIn(item, key));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([field, inner]) => (INNER.has(field) ? [] : namesIn(inner, field)));
};

const assignedIn = (value: Json): readonly string[] => {
  if (isArray(value)) return value.flatMap(assignedIn);
  if (!isObject(value)) return [];
  const holder = own(value, 'Assign');
  const names = isObject(holder) ? Object.keys(holder).map((name) => name.replace(/\.\$$/, '')) : [];
  return [...names, ...Object.values(value).flatMap(assignedIn)];
};

type State = readonly [name: string, state: JsonObject];

const statesIn = (scope: Json): readonly State[] => {
  const states = isObject(scope) ? own(scope, 'States') : undefined;
  if (!isObject(states)) return [];
  return Object.entries(states).flatMap(([name, state]): readonly State[] => {
    if (!isObject(state)) return [];
    const inner = [...INNER]
      .flatMap((field) => own(state, field) ?? [])
      .flatMap((each) => (isArray(each) ? each : [each]));
    return [[name, state], ...inner.flatMap(statesIn)];
  });
};

/**
 * The workflow variables that each state reads, by the state's name, as DescribeStateMachine shows them; states that read
 * none are left out. Cost: the size of the definition.
 */
export const variableReferences = (definition: string): Readonly<Record<string, readonly string[]>> => {
  const machine = parseJson(definition) ?? null;
  const assigned = new Set(assignedIn(machine));
  if (assigned.size === 0) return {};
  return Object.fromEntries(
    statesIn(machine).flatMap(([name, state]) => {
      const read = new Set(namesIn(state, '').filter((each) => assigned.has(each)));
      return read.size === 0 ? [] : [[name, [...read]]];
    }),
  );
};
