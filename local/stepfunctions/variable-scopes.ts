import { isArray, isObject, type Json, type JsonObject, own } from './json.ts';

/** A variable that is set where one of the same name is set in a scope around. */
type Hidden = { readonly name: string; readonly at: string };

type Named = { readonly name: string; readonly at: string };

const elements = (value: Json | undefined): readonly Json[] => (isArray(value) ? value : []);

const namesIn = (holder: Json | undefined, at: string): readonly Named[] => {
  const names = isObject(holder) ? own(holder, 'Assign') : undefined;
  if (!isObject(names)) return [];
  return Object.keys(names).map((key) => ({ name: key.replace(/\.\$$/, ''), at: `${at}/Assign/${key}` }));
};

/** What a state sets in its own scope: by itself, its rules and its catchers. */
const setBy = (state: JsonObject, at: string): readonly Named[] => [
  ...namesIn(state, at),
  ...['Choices', 'Catch'].flatMap((field) =>
    elements(own(state, field)).flatMap((each, index) => namesIn(each, `${at}/${field}[${index}]`)),
  ),
];

/** The scopes inside a state. */
const innerScopes = (state: JsonObject, at: string): readonly (readonly [scope: Json, at: string])[] => [
  ...elements(own(state, 'Branches')).map((branch, index) => [branch, `${at}/Branches[${index}]`] as const),
  ...['ItemProcessor', 'Iterator'].map((field) => [own(state, field) ?? null, `${at}/${field}`] as const),
];

/** Variables that AWS refuses: a scope inside another must not set one of the same name. Cost: the size of the definition. */
export const hiddenVariables = (scope: Json, at = '', outer: ReadonlySet<string> = new Set()): readonly Hidden[] => {
  const states = isObject(scope) ? own(scope, 'States') : undefined;
  if (!isObject(states)) return [];
  const views = Object.entries(states).flatMap(([name, state]) =>
    isObject(state) ? [{ state, at: `${at}/States/${name}` }] : [],
  );
  const set = views.flatMap((view) => setBy(view.state, view.at));
  const inner = views.flatMap((view) => innerScopes(view.state, view.at));
  const known = set.length === 0 ? outer : new Set([...outer, ...set.map(({ name }) => name)]);
  return [
    ...set.filter(({ name }) => outer.has(name)),
    ...inner.flatMap(([each, where]) => hiddenVariables(each, where, known)),
  ];
};
