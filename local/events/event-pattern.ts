import { isArray, isObject, type Json, type JsonObject, own } from '../stepfunctions/json.ts';
import { compileMatcher, InvalidPattern, type Matcher } from './value-matchers.ts';

/** Whether an event is one that a pattern looks for. */
export type MatchesEvent = (event: JsonObject) => boolean;

type Path = readonly string[];
type Leaf = { readonly path: Path; readonly matchers: readonly Matcher[] };
type Node = {
  readonly fields: readonly (readonly [string, Node | Leaf])[];
  /** Of each `$or` one alternative has to match beside the fields. */
  readonly alternatives: readonly (readonly Node[])[];
};

const isLeaf = (node: Node | Leaf): node is Leaf => 'matchers' in node;

/** The values below a field, through lists of any depth. An object is no value: its fields are. */
const valuesOf = (value: Json | undefined): readonly Json[] => {
  if (value === undefined || isObject(value)) return [];
  return isArray(value) ? value.flatMap(valuesOf) : [value];
};

/** The objects that a field has, itself or in lists. */
const objectsOf = (value: Json | undefined): readonly JsonObject[] => {
  if (isArray(value)) return value.flatMap(objectsOf);
  return isObject(value) ? [value] : [];
};

const isAbsent = (event: JsonObject, path: Path): boolean => {
  let at: readonly JsonObject[] = [event];
  for (const name of path.slice(0, -1)) at = at.flatMap((object) => objectsOf(own(object, name)));
  return at.every((object) => valuesOf(own(object, path.at(-1) ?? '')).length === 0);
};

const matchesLeaf = ({ matchers, path }: Leaf, value: Json | undefined, event: JsonObject): boolean => {
  const values = valuesOf(value);
  return matchers.some((matcher) => {
    if (matcher.kind === 'value') return values.some(matcher.matches);
    // What is nowhere in the event is absent, not what one object of a list happens not to have.
    return matcher.kind === 'absent' ? isAbsent(event, path) : values.length > 0;
  });
};

/** What a pattern says of one object has to be true of one object, also where the event has a list of them. */
const matchesNode = (node: Node, object: JsonObject, event: JsonObject): boolean =>
  node.fields.every(([name, child]) => {
    const value = own(object, name);
    if (isLeaf(child)) return matchesLeaf(child, value, event);
    const inside = objectsOf(value);
    return (inside.length === 0 ? [{}] : inside).some((one) => matchesNode(child, one, event));
  }) && node.alternatives.every((choices) => choices.some((choice) => matchesNode(choice, object, event)));

const compileField = (value: Json, path: Path, isFlat: boolean): Node | Leaf => {
  const where = path.join('.');
  if (isArray(value)) {
    if (value.length === 0) throw new InvalidPattern(`${where}: an empty list matches nothing`);
    return { path, matchers: value.map((entry) => compileMatcher(entry, where)) };
  }
  if (!isObject(value)) throw new InvalidPattern(`${where}: wants a list of what may be there`);
  if (isFlat) throw new InvalidPattern(`${where}: has no fields below it`);
  return compileNode(value, path, isFlat);
};

const compileNode = (pattern: JsonObject, path: Path, isFlat: boolean): Node => {
  const entries = Object.entries(pattern);
  if (entries.length === 0) throw new InvalidPattern(`${path.join('.') || 'the pattern'}: is empty`);
  const isChoice = ([name, value]: readonly [string, Json]): boolean =>
    name === '$or' && isArray(value) && value.length > 1 && value.every(isObject);
  return {
    fields: entries
      .filter((entry) => !isChoice(entry))
      .map(([name, value]) => [name, compileField(value, [...path, name], isFlat)]),
    alternatives: entries
      .filter(isChoice)
      .map(([, choices]) => objectsOf(choices).map((choice) => compileNode(choice, path, isFlat))),
  };
};

/**
 * Compiles an EventBridge pattern: every field has to match, each by one of its list.
 * @throws InvalidPattern
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export const compilePattern = (pattern: Json, { isFlat = false } = {}): MatchesEvent => {
  if (!isObject(pattern)) throw new InvalidPattern('a pattern is an object');
  const node = compileNode(pattern, [], isFlat);
  return (event) => matchesNode(node, event, event);
};
