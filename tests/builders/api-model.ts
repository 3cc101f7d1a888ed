import * as model from '@aws-sdk/client-sfn';

/**
 * AWS's own model of the Step Functions API, as the SDK carries it: a simple type is a number (0 text, 1 number, 2 boolean,
 * 4 moment), a list or map is `[1 or 2, namespace, name, traits, …, of]`, a structure is
 * `[3, namespace, name, traits, members, types, how many of the first are required]`; a type may stand in a function, or
 * in an array before its traits.
 */
const schemas: Readonly<Record<string, unknown>> = { ...model };

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

const resolved = (type: unknown): unknown => {
  if (typeof type === 'function') return resolved(type());
  const isWrapped = isList(type) && typeof type[1] !== 'string';
  return isWrapped ? resolved(type[0]) : type;
};

const simple: Readonly<Record<number, string>> = { 0: 'string', 1: 'number', 2: 'boolean', 4: 'number' };

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !isList(value);

const wrong = (at: string, value: unknown, expected: string): string[] => [
  `${at}: ${JSON.stringify(value)?.slice(0, 60)} is no ${expected}`,
];

const structureProblems = (schema: readonly unknown[], value: unknown, at: string): string[] => {
  const [, , name, , members, types, required] = schema;
  if (!isObject(value)) return wrong(at, value, String(name));
  if (!isList(members) || !isList(types)) throw new Error(`the model has no members of ${name}`);
  const missing = members.slice(0, Number(required ?? 0)).filter((member) => value[String(member)] === undefined);
  return [
    ...missing.map((member) => `${at}: ${name}.${member} is required`),
    ...Object.entries(value).flatMap(([key, field]) => {
      const place = members.indexOf(key);
      return place < 0 ? [`${at}: ${name} has no ${key}`] : problemsOf(types[place], field, `${at}/${key}`);
    }),
  ];
};

const problemsOf = (type: unknown, value: unknown, at: string): string[] => {
  const schema = resolved(type);
  if (!isList(schema)) {
    const expected = simple[Number(schema)];
    return expected === undefined || typeof value === expected ? [] : wrong(at, value, expected);
  }
  const [kind] = schema;
  if (kind === 3) return structureProblems(schema, value, at);
  if (kind === 1) {
    return isList(value)
      ? value.flatMap((item, index) => problemsOf(schema.at(-1), item, `${at}/${index}`))
      : wrong(at, value, 'list');
  }
  if (kind === 2) {
    return isObject(value)
      ? Object.entries(value).flatMap(([key, item]) => problemsOf(schema.at(-1), item, `${at}/${key}`))
      : wrong(at, value, 'map');
  }
  // A simple type with traits of its own has its type last.
  return problemsOf(schema.at(-1), value, at);
};

/** What of a value is not as AWS's model of a shape has it, such as `GetExecutionHistoryOutput`. */
export const modelProblems = (shape: string, value: unknown): string[] => {
  const schema = schemas[`${shape}$`];
  if (schema === undefined) throw new Error(`the model has no ${shape}`);
  return problemsOf(schema, value, shape);
};

/** Every type of event that the model knows. */
export const eventTypes: readonly string[] = Object.values(model.HistoryEventType);

/** An operation of the API with the members of its output. */
export type ApiOperation = { readonly name: string; readonly outputs: readonly string[] };

const namesOf = (type: unknown): readonly string[] => {
  const structure = resolved(type);
  return isList(structure) && isList(structure[4]) ? structure[4].map(String) : [];
};

/** Every operation that the model knows, in the order of their names. */
export const apiOperations: readonly ApiOperation[] = Object.values(schemas).flatMap((schema) => {
  // An operation is `[9, namespace, name, traits, input, output]`.
  if (!isList(schema) || schema[0] !== 9) return [];
  const [, , name, , , output] = schema;
  return [{ name: String(name), outputs: namesOf(output) }];
});

type Member = { readonly owner: string; readonly name: string; readonly type: unknown };

const membersOfStructure = ([, , shape, , names, types]: readonly unknown[]): readonly Member[] =>
  isList(names) && isList(types)
    ? names.map((name, at) => ({ owner: String(shape), name: String(name), type: types[at] }))
    : [];

const addMembers = (type: unknown, found: Set<string>): void => {
  const schema = resolved(type);
  if (!isList(schema)) return;
  const members = schema[0] === 3 ? membersOfStructure(schema) : [];
  for (const { owner, name, type: inner } of members) {
    if (found.has(`${owner}.${name}`)) continue;
    found.add(`${owner}.${name}`);
    addMembers(inner, found);
  }
  if (schema[0] !== 3) addMembers(schema.at(-1), found);
};

/** Every member that an answer of this shape can have, at any depth, such as `HistoryEvent.type`. */
export const membersIn = (shape: string): ReadonlySet<string> => {
  const found = new Set<string>();
  addMembers(schemas[`${shape}$`], found);
  return found;
};

const itemsOf = (value: unknown): readonly unknown[] => {
  if (isList(value)) return value;
  return isObject(value) ? Object.values(value) : [];
};

function* membersOfValue(type: unknown, value: unknown): Iterable<string> {
  const schema = resolved(type);
  if (!isList(schema)) return;
  if (schema[0] !== 3) {
    for (const item of itemsOf(value)) yield* membersOfValue(schema.at(-1), item);
    return;
  }
  for (const { owner, name, type: inner } of membersOfStructure(schema)) {
    const given = isObject(value) ? value[name] : undefined;
    if (given === undefined) continue;
    yield `${owner}.${name}`;
    yield* membersOfValue(inner, given);
  }
}

/** The members that an answer of this shape does have, as `membersIn` names them. */
export const membersOf = (shape: string, answer: unknown): ReadonlySet<string> =>
  new Set(membersOfValue(schemas[`${shape}$`], answer));

/** Every member that inputs have, of an operation (`TestState.mock`) or of a part of its input (`MockInput.result`). */
export const inputMembers: readonly { readonly owner: string; readonly member: string }[] = [
  ...new Set(
    apiOperations.flatMap(({ name }) =>
      [...membersIn(`${name}Input`)].map((place) => place.replace(`${name}Input.`, `${name}.`)),
    ),
  ),
].map((place) => {
  const [owner = '', member = ''] = place.split('.');
  return { owner, member };
});
