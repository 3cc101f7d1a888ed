import { contextOf } from '../context-object.ts';
import type { Definition } from '../definition.ts';
import { StateFailure } from '../failure.ts';
import { isArray, isObject, type Json, own, put } from '../json.ts';
import { MAX_DATA_BYTES } from '../limits.ts';
import type { Thread, Turn } from '../model.ts';
import type { Answer } from '../stimulus.ts';
import { randomOf } from '../turn.ts';
import { variableOf } from '../variables.ts';
import { type Cheap, compileCheap } from './cheap.ts';
import type { Sight } from './cheap-functions.ts';
import { Hard } from './cheap-values.ts';
import { type Question, Unanswered } from './question.ts';
import { ExpressionProblem, expressionIn, parseExpression, type Syntax } from './syntax.ts';

/** What `$states` shows beside the state's input and the context. */
export type View = {
  readonly result?: Json;
  readonly errorOutput?: Json;
  /** The item whose input is made. */
  readonly item?: Thread | undefined;
};

/** A field with expressions in it. @throws StateFailure, or `Unanswered` until a worker has evaluated them. */
export type Template = {
  /** Its value if it has no expressions. */
  readonly constant: { readonly value: Json } | undefined;
  /** The expression that it is as a whole, if it is one. */
  readonly source: string | undefined;
  readonly at: string;
  readonly evaluate: (turn: Turn, thread: Thread, view: View) => Json;
};

type Leaf = {
  readonly at: string;
  readonly source: string;
  readonly syntax: Syntax;
  readonly cheap: Cheap | undefined;
  /** Names workflow variables. */
  readonly hasVariables: boolean;
};

type Build = (values: readonly Json[]) => Json;

/** An expression's failure, as AWS words it. */
export const evaluationFailure = (at: string, reason: string): StateFailure =>
  new StateFailure('States.QueryEvaluationError', reason, true, at);

const failed = ({ at, source }: Leaf, what: string): StateFailure =>
  evaluationFailure(at, `The JSONata expression '${source}' specified for the field '${at}'${what}`);

const present = (leaf: Leaf, value: Json | undefined): Json => {
  if (value !== undefined) return value;
  throw failed(leaf, ' returned nothing (undefined).');
};

const answered = (leaf: Leaf, answer: Answer): Json => {
  if (answer.failure !== undefined) throw failed(leaf, answer.failure);
  return present(leaf, answer.value);
};

type Moment = { readonly turn: Turn; readonly thread: Thread; readonly view: View };

const statesField = ({ turn, thread, view }: Moment, field: string): Json | undefined => {
  if (field === 'input') return thread.data;
  if (field === 'context') return contextOf(turn, thread, view.item);
  if (field === 'result') return view.result;
  return field === 'errorOutput' ? view.errorOutput : undefined;
};

const sightOf = (moment: Moment): Sight => ({
  states: (field) => statesField(moment, field),
  variable: (name) => variableOf(moment.thread, name),
  atMs: moment.turn.atMs,
  random: () => randomOf(moment.turn),
});

const STATES_FIELDS = ['input', 'result', 'errorOutput', 'context'];

const questionOf = (moment: Moment, leaves: readonly Leaf[]): Question => {
  const states: Record<string, Json> = {};
  const bindings: Record<string, Json> = { states };
  for (const field of leaves.flatMap(({ syntax }) => [...(syntax.states ?? STATES_FIELDS)])) {
    const value = statesField(moment, field);
    if (value !== undefined) put(states, field, value);
  }
  for (const name of leaves.flatMap(({ syntax }) => [...syntax.names])) {
    const value = name === 'states' ? undefined : variableOf(moment.thread, name);
    if (value !== undefined) bindings[name] = value;
  }
  return {
    type: 'evaluate',
    items: leaves.map(({ at, source }) => ({ at, source })),
    bindings,
    atMs: moment.turn.atMs,
    seed: randomOf(moment.turn).uuid(),
  };
};

/** How much data an expression may look at, at most. */
const seenBytes = ({ hasVariables }: Leaf, { turn, thread }: Moment): number =>
  thread.boundBytes + Math.min(turn.boundBytes, MAX_DATA_BYTES) + (hasVariables ? turn.run.variableBytes : 0);

/** `undefined` for what a worker must evaluate: also what is cheap, if the state has taken all its steps. */
const inline = (leaf: Leaf, sight: Sight, moment: Moment): Json | undefined => {
  const { cheap, syntax } = leaf;
  const steps = syntax.nodeCount * (1 + (seenBytes(leaf, moment) >> 6));
  if (!cheap || !moment.turn.meter.affords(steps)) return undefined;
  try {
    return present(leaf, cheap(sight));
  } catch (error) {
    if (error instanceof Hard) return undefined;
    throw error;
  }
};

const evaluateAll = (leaves: readonly Leaf[], moment: Moment): Json[] => {
  const { answers } = moment.view.item ?? moment.thread;
  const sight = sightOf(moment);
  const open: Leaf[] = [];
  const values = leaves.map((leaf): Json => {
    const answer = answers?.find(({ at }) => at === leaf.at);
    const value = answer ? answered(leaf, answer) : inline(leaf, sight, moment);
    if (value !== undefined) return value;
    open.push(leaf);
    return null;
  });
  if (open.length > 0) throw new Unanswered(questionOf(moment, open));
  return values;
};

const UNSUPPORTED = 'UNSUPPORTED_JSONATA_EXPRESSION';

class Compiler {
  readonly leaves: Leaf[] = [];
  readonly #definition: Definition;
  readonly #shown: readonly string[];

  constructor(definition: Definition, shown: readonly string[]) {
    this.#definition = definition;
    this.#shown = shown;
  }

  /** `at` is the place in the state. */
  build(value: Json, at: string): Build {
    if (typeof value === 'string') return this.#text(value, at);
    const before = this.leaves.length;
    const build = isArray(value) ? this.#array(value, at) : this.#object(value, at);
    return this.leaves.length === before ? () => value : build;
  }

  #text(text: string, at: string): Build {
    const source = expressionIn(text);
    if (source === undefined) return () => text;
    try {
      const syntax = parseExpression(source);
      this.#check(syntax, at);
      const hasVariables = [...syntax.names].some((name) => name !== 'states');
      const index = this.leaves.push({ at, source, syntax, cheap: compileCheap(syntax), hasVariables }) - 1;
      return (values) => values[index] ?? null;
    } catch (error) {
      if (!(error instanceof ExpressionProblem)) throw error;
      this.#report(error.code, at, error.message);
      return () => null;
    }
  }

  #report(code: string, at: string, message: string): void {
    this.#definition.report(code, `${this.#definition.state?.at ?? ''}/${at}`, message);
  }

  #check({ states }: Syntax, at: string): void {
    for (const field of states ?? []) {
      if (this.#shown.includes(field)) continue;
      this.#report(UNSUPPORTED, at, `Field '$states.${field}' does not exist.`);
    }
  }

  #array(items: readonly Json[], at: string): Build {
    const builds = items.map((item, index) => this.build(item, `${at}[${index}]`));
    return (values) => builds.map((build) => build(values));
  }

  #object(value: Json, at: string): Build {
    if (!isObject(value)) return () => value;
    const entries = Object.entries(value).map(([key, item]) => [key, this.build(item, `${at}/${key}`)] as const);
    return (values) => {
      const result: Record<string, Json> = {};
      for (const [key, build] of entries) put(result, key, build(values));
      return result;
    };
  }
}

const EVERYWHERE = ['input', 'context'];

/**
 * Compiles a field in which any text may be an expression; `undefined` if the field is not there. `shown` is what `$states`
 * has there beside input and context.
 */
export const compileTemplate = (
  definition: Definition,
  field: string,
  shown?: 'result' | 'errorOutput',
): Template | undefined => {
  const value = own(definition.fields, field);
  if (value === undefined) return undefined;
  const compiler = new Compiler(definition, shown === undefined ? EVERYWHERE : [...EVERYWHERE, shown]);
  const at = definition.location(field);
  const build = compiler.build(value, at);
  const { leaves } = compiler;
  const isWhole = typeof value === 'string' && leaves.length === 1;
  return {
    at,
    source: isWhole ? leaves[0]?.source : undefined,
    constant: leaves.length === 0 ? { value } : undefined,
    evaluate: (turn, thread, view) => build(evaluateAll(leaves, { turn, thread, view })),
  };
};
