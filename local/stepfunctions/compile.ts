import { Definition, type Diagnostic } from './definition.ts';
import { isObject, parseJson } from './json.ts';
import { END, type Link, type Machine, type Scope, type State, WAITING } from './model.ts';
import type { CompileContext } from './states/state-type.ts';
import { STATE_TYPES } from './states/table.ts';
import { hiddenVariables } from './variable-scopes.ts';

/** A compiled machine, or what is wrong with its definition. */
export type Compiled =
  | { readonly machine: Machine; readonly diagnostics?: never }
  | { readonly diagnostics: readonly Diagnostic[] };

const MACHINE_FIELDS = new Set(['StartAt', 'States', 'Comment', 'Version', 'TimeoutSeconds', 'QueryLanguage']);
const BRANCH_FIELDS = new Set(['StartAt', 'States', 'Comment', 'QueryLanguage', 'ProcessorConfig']);
const COMMON_FIELDS = ['Type', 'Comment', 'QueryLanguage'];
const MAX_NAME_CHARS = 80;

/** Stands where a definition is wrong; it is never entered, for such a definition is refused. */
const nowhere: State = {
  name: '',
  type: '',
  scopes: [],
  enter: () => WAITING,
  resume: undefined,
  recover: undefined,
  childEnded: undefined,
  childFailed: undefined,
};

/** A transition waiting for its target to be compiled. */
type OpenLink = { readonly link: Link; readonly target: string; readonly at: string };

/** What a machine or state says of its language, or else that of the machine around it. */
const isJsonata = (definition: Definition, otherwise: boolean): boolean => {
  const language = definition.text('QueryLanguage');
  if (language !== undefined && language !== 'JSONPath' && language !== 'JSONata') {
    definition.problem('QueryLanguage', 'Value should be one of the following: [JSONPath, JSONata]');
  }
  return language === undefined ? otherwise : language === 'JSONata';
};

/** The transitions still open, and the language of the machine. */
type Around = { readonly open: OpenLink[]; readonly isJsonata: boolean };

const contextFor = (definition: Definition, name: string, around: Around): CompileContext => {
  const { open } = around;
  const linkTo = (from: Definition, field: string): Link => {
    const link: Link = { to: END };
    const target = from.requiredText(field);
    if (target !== undefined) open.push({ link, target, at: `${from.at}/${field}` });
    return link;
  };
  return {
    name,
    linkTo,
    next: () => {
      const isEnd = definition.fields.End === true;
      if (definition.has('End') && typeof definition.fields.End !== 'boolean') {
        definition.problem('End', 'Expected value of type Boolean');
      }
      if (isEnd === definition.has('Next')) {
        definition.problemAt(definition.at, "Exactly one of 'Next' and 'End' is required");
      }
      return isEnd || !definition.has('Next') ? { to: END } : linkTo(definition, 'Next');
    },
    scope: (from) => compileScope(from, BRANCH_FIELDS, around.isJsonata),
  };
};

const compileState = (source: Definition, name: string, around: Around): State => {
  const definition = source.ofState(isJsonata(source, around.isJsonata));
  const typeName = definition.requiredText('Type') ?? '';
  const type = STATE_TYPES.get(typeName);
  if (!type) {
    definition.problem('Type', `'${typeName}' is not a state type; use one of ${[...STATE_TYPES.keys()].join(', ')}`);
    return nowhere;
  }
  if (name.length > MAX_NAME_CHARS)
    definition.problemAt(definition.at, `A state name must not exceed ${MAX_NAME_CHARS} characters`);
  definition.allow(new Set([...COMMON_FIELDS, ...type.fields]));
  const behaviour = type.compile(definition, contextFor(definition, name, around));
  return {
    name,
    type: typeName,
    scopes: behaviour.scopes ?? [],
    enter: behaviour.enter,
    redrive: behaviour.redrive,
    resume: behaviour.resume,
    recover: behaviour.recover,
    childEnded: behaviour.childEnded,
    childFailed: behaviour.childFailed,
    distributed: behaviour.distributed,
    exit: behaviour.exit,
    select: behaviour.select,
  };
};

const closeLinks = (open: readonly OpenLink[], states: ReadonlyMap<string, State>, definition: Definition): void => {
  for (const { link, target, at } of open) {
    const state = states.get(target);
    const field = at.slice(at.lastIndexOf('/') + 1);
    if (state) link.to = state;
    else definition.report('MISSING_TRANSITION_TARGET', at, `Missing '${field}' target: ${target}`);
  }
};

function compileScope(definition: Definition, fields: ReadonlySet<string>, isJsonata: boolean): Scope | undefined {
  definition.allow(fields);
  const startAt = definition.requiredText('StartAt');
  const all = definition.object('States');
  if (!all) {
    if (!definition.has('States'))
      definition.problemAt(definition.at, "The field 'States' is required but was missing");
    return undefined;
  }
  const open: OpenLink[] = [];
  const states = new Map<string, State>();
  for (const name of Object.keys(all.fields)) {
    const view = all.object(name);
    if (view) states.set(name, compileState(view, name, { open, isJsonata }));
  }
  closeLinks(open, states, definition);
  const first = startAt === undefined ? undefined : states.get(startAt);
  if (!first && startAt !== undefined) {
    definition.report('MISSING_TRANSITION_TARGET', `${definition.at}/StartAt`, `Missing 'StartAt' target: ${startAt}`);
  }
  return first && { startAt: first, states };
}

const duplicates = (scope: Scope, seen: Set<string>): string[] =>
  [...scope.states.values()].flatMap((state) => {
    const again = seen.has(state.name) ? [state.name] : [];
    seen.add(state.name);
    return [...again, ...state.scopes.flatMap((each) => duplicates(each, seen))];
  });

const compileText = (text: string): Compiled => {
  const diagnostics: Diagnostic[] = [];
  const source = parseJson(text);
  if (!isObject(source)) {
    return {
      diagnostics: [{ code: 'INVALID_JSON_DESCRIPTION', at: '/', message: 'Definition is not a valid JSON object' }],
    };
  }
  const definition = new Definition(source, '', diagnostics);
  const scope = compileScope(definition, MACHINE_FIELDS, isJsonata(definition, false));
  const timeoutS = definition.number('TimeoutSeconds', 1, 99_999_999);
  for (const name of scope ? duplicates(scope, new Set()) : []) {
    definition.report('DUPLICATE_STATE_NAME', '/States', `Duplicate state name: ${name}`);
  }
  for (const { name, at } of hiddenVariables(source)) {
    const message = `The variable name '${name}' was already defined in a parent scope.`;
    definition.report('DUPLICATE_VARIABLE_NAME', at, message);
  }
  if (!scope || diagnostics.length > 0) return { diagnostics };
  return { machine: { definition: text, scope, timeoutMs: timeoutS === undefined ? undefined : timeoutS * 1000 } };
};

const MAX_CACHED = 1000;
const cache = new Map<string, Compiled>();

/** Compiles a definition once; the same text gives the same compiled machine. */
export const compile = (definition: string): Compiled => {
  const known = cache.get(definition);
  if (known) return known;
  const compiled = compileText(definition);
  const oldest = cache.keys().next();
  if (cache.size >= MAX_CACHED && !oldest.done) cache.delete(oldest.value);
  cache.set(definition, compiled);
  return compiled;
};

/** The message of AWS's InvalidDefinition. */
export const describeDiagnostics = (diagnostics: readonly Diagnostic[]): string =>
  `Invalid State Machine Definition: '${diagnostics.map(({ code, message, at }) => `${code}: ${message} at ${at}`).join(', ')}'`;
