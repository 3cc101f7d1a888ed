import { AwsError } from '../../engine/part.ts';
import { isArray, isObject, type Json, type JsonObject, own, parseJson } from '../json.ts';
import { checkDefinition } from '../validation/check-definition.ts';
import { invalid, type TestRequest } from './test-request.ts';

/** The state under test, and where it stands in its definition. */
export type Subject = {
  readonly name: string;
  readonly type: string;
  readonly fields: JsonObject;
  readonly isInMap: boolean;
  readonly isJsonata: boolean;
};

/** The name of a state that is tested without a machine. */
const ALONE = 'StateName';

const objects = (value: Json | undefined): readonly JsonObject[] => (isArray(value) ? value.filter(isObject) : []);

const targetsOf = (fields: JsonObject): readonly string[] =>
  [fields, ...objects(own(fields, 'Choices')), ...objects(own(fields, 'Catch'))]
    .flatMap((each) => [own(each, 'Next'), own(each, 'Default')])
    .filter((target) => typeof target === 'string');

/** A machine around a single state, so that it is judged as any other; where it leads, a Succeed state stands. */
const machineAround = (fields: JsonObject): JsonObject => ({
  StartAt: ALONE,
  States: {
    ...Object.fromEntries(targetsOf(fields).map((target) => [target, { Type: 'Succeed' }])),
    [ALONE]: fields,
  },
});

type Scope = { readonly fields: JsonObject; readonly isInMap: boolean };

const scopesIn = (state: JsonObject, isInMap: boolean): readonly Scope[] => [
  ...objects(own(state, 'Branches')).map((fields) => ({ fields, isInMap })),
  ...['ItemProcessor', 'Iterator'].flatMap((field) => {
    const fields = own(state, field);
    return isObject(fields) ? [{ fields, isInMap: true }] : [];
  }),
];

/** Finds a state in a machine, also within branches and item processors. Cost: the size of the definition. */
const find = (machine: JsonObject, name: string): Omit<Subject, 'isJsonata'> | undefined => {
  const open: Scope[] = [{ fields: machine, isInMap: false }];
  for (let scope = open.pop(); scope !== undefined; scope = open.pop()) {
    const states = own(scope.fields, 'States');
    if (!isObject(states)) continue;
    const state = own(states, name);
    if (isObject(state)) return { name, type: String(own(state, 'Type')), fields: state, isInMap: scope.isInMap };
    for (const each of Object.values(states)) if (isObject(each)) open.push(...scopesIn(each, scope.isInMap));
  }
  return undefined;
};

/** Whether a state of this name is in the branches or the item processor of the state under test. */
export const hasInside = ({ fields }: Subject, name: string): boolean =>
  scopesIn(fields, false).some(({ fields: scope }) => find(scope, name) !== undefined);

/** Finds and judges the state under test. @throws InvalidDefinition, ValidationException */
export const subjectOf = ({ definition, stateName }: TestRequest): Subject => {
  const source = parseJson(definition);
  const machine = stateName === undefined && isObject(source) ? machineAround(source) : source;
  const subject = isObject(machine) ? find(machine, stateName ?? ALONE) : undefined;
  if (stateName !== undefined && isObject(machine) && subject === undefined) {
    throw invalid('State not found in definition');
  }
  checkDefinition(stateName === undefined && isObject(machine) ? JSON.stringify(machine) : definition);
  if (!subject || !isObject(machine)) throw new AwsError('InvalidDefinition', 'Invalid State Machine Definition');
  const isJsonata = (own(subject.fields, 'QueryLanguage') ?? own(machine, 'QueryLanguage')) === 'JSONata';
  return { ...subject, isJsonata };
};
