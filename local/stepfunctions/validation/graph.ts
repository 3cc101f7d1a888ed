import { isArray, isObject, type Json, type JsonObject, own } from '../json.ts';
import type { Findings } from './finding.ts';

const MAX_NAME_CHARS = 80;

/** A transition of a state: the name it leads to and where that is written. */
type Transition = { readonly target: string; readonly at: string };

const entriesOf = (value: Json | undefined): readonly Json[] => (value !== undefined && isArray(value) ? value : []);

const transitionsOf = (state: JsonObject, at: string): Transition[] => {
  const places: [Json | undefined, string][] = [
    [own(state, 'Next'), `${at}/Next`],
    [own(state, 'Default'), `${at}/Default`],
  ];
  for (const field of ['Choices', 'Catch']) {
    for (const [index, entry] of entriesOf(own(state, field)).entries()) {
      if (isObject(entry)) places.push([own(entry, 'Next'), `${at}/${field}[${index}]/Next`]);
    }
  }
  return places.flatMap(([target, place]) => (typeof target === 'string' ? [{ target, at: place }] : []));
};

/** The scopes of a state: branches, or an item processor. */
export const scopesOf = (state: JsonObject, at: string): [Json, string][] => [
  ...entriesOf(own(state, 'Branches')).map((branch, index): [Json, string] => [branch, `${at}/Branches[${index}]`]),
  ...['ItemProcessor', 'Iterator'].flatMap((field): [Json, string][] => {
    const scope = own(state, field);
    return scope === undefined ? [] : [[scope, `${at}/${field}`]];
  }),
];

/** The states of a scope, by name. */
export const statesOf = (scope: Json): readonly { readonly name: string; readonly state: JsonObject }[] => {
  const states = isObject(scope) ? own(scope, 'States') : undefined;
  if (states === undefined || !isObject(states)) return [];
  return Object.entries(states).flatMap(([name, state]) => (isObject(state) ? [{ name, state }] : []));
};

const isTerminal = (state: JsonObject): boolean =>
  own(state, 'End') === true || ['Succeed', 'Fail'].includes(String(own(state, 'Type')));

/** Looks at names and transitions of a machine whose fields have been looked at. */
export class Graph {
  readonly #findings: Findings;
  readonly #names = new Set<string>();
  readonly #labels = new Set<string>();

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** A scope and all scopes inside it; only the outermost one needs an end. */
  check(scope: Json, at: string, isOutermost = false): void {
    const all = isObject(scope) ? own(scope, 'States') : undefined;
    if (!isObject(scope) || all === undefined || !isObject(all)) return;
    const states = statesOf(scope);
    const next = new Map<string, string[]>();
    for (const { name, state } of states) {
      const place = `${at}/States/${name}`;
      this.#name(name, place);
      this.#label(own(state, 'Label'), place);
      next.set(name, this.#targets(transitionsOf(state, place), all));
      for (const [inner, where] of scopesOf(state, place)) this.check(inner, where);
    }
    const start = own(scope, 'StartAt');
    const reached = typeof start === 'string' && this.#targets([{ target: start, at: `${at}/StartAt` }], all);
    if (isOutermost && !states.some(({ state }) => isTerminal(state))) {
      this.#findings.error('MISSING_END_STATE', 'Workflow has no terminal state');
    } else if (reached) this.#reach(reached, next, at);
  }

  #name(name: string, at: string): void {
    if ([...name].length > MAX_NAME_CHARS) {
      const rule = `exceeds the ${MAX_NAME_CHARS}-character limit allowed by the service`;
      this.#findings.error('INVALID_STATE_NAME', `Invalid State name: ${name} ${rule}`, at);
    } else if (name === '' || !name.isWellFormed()) {
      this.#findings.error('INVALID_STATE_NAME', `Invalid State name: ${name}`, at);
    }
    if (this.#names.has(name)) {
      this.#findings.error('DUPLICATE_STATE_NAME', `Duplicate State name: ${name}`, at);
    }
    this.#names.add(name);
  }

  #label(label: Json | undefined, at: string): void {
    if (typeof label !== 'string') return;
    if (this.#labels.has(label)) {
      this.#findings.error('DUPLICATE_LABEL_NAME', `Duplicate Label name: ${label}`, at);
    }
    this.#labels.add(label);
  }

  /** The targets that exist; whatever field names one that does not, AWS calls it Next. */
  #targets(transitions: readonly Transition[], states: JsonObject): string[] {
    return transitions.flatMap(({ target, at }) => {
      if (own(states, target) !== undefined) return [target];
      this.#findings.error('MISSING_TRANSITION_TARGET', `Missing 'Next' target: ${target}`, at);
      return [];
    });
  }

  #reach(start: readonly string[], next: ReadonlyMap<string, readonly string[]>, at: string): void {
    const reached = new Set(start);
    // A set yields what is added while it is walked.
    for (const name of reached) for (const target of next.get(name) ?? []) reached.add(target);
    for (const name of next.keys()) {
      if (reached.has(name)) continue;
      this.#findings.error('MISSING_TRANSITION_TARGET', `State "${name}" is not reachable.`, `${at}/States/${name}`);
    }
  }
}
