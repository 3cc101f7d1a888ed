import { scopeOf } from '../context-object.ts';
import { compileDataFlow, compilePayload, type DataFlow } from '../data-flow.ts';
import type { Definition } from '../definition.ts';
import { compileScopePath } from '../expressions/expression.ts';
import { runtimeFailure, StateFailure } from '../failure.ts';
import { isArray, type Json } from '../json.ts';
import { compileArrayField } from '../jsonata/field.ts';
import { compileTemplate, evaluationFailure } from '../jsonata/template.ts';
import { type Scope, type Thread, type Turn, WAITING } from '../model.ts';
import { compileNumber } from '../states/numbers.ts';
import { newThread } from '../turn.ts';
import type { Mocked } from './test-request.ts';

/** What a test says about a Map beside its mock. */
export type MapTest = {
  readonly mocked: Mocked | undefined;
  readonly failureCount: number;
  /** What an ItemReader would have read. */
  readonly readerData: Json | undefined;
};

/** In a Map, Parameters is the old name of ItemSelector, so it is no part of the state's own input. */
const withoutParameters = (definition: Definition): Definition => {
  const { Parameters: _parameters, ...fields } = definition.fields;
  return definition.with(fields);
};

/** The data flow of a Map as a whole. */
export const mapFlow = (definition: Definition): DataFlow => compileDataFlow(withoutParameters(definition));

type Items = (turn: Turn, thread: Thread, input: Json) => readonly Json[];

const compileItems = (definition: Definition, readerData: Json | undefined): Items => {
  if (definition.isJsonata) {
    const items = compileArrayField(definition, 'Items');
    return (turn, thread, input) => {
      const found = readerData ?? items?.(turn, thread, {}) ?? input;
      if (isArray(found)) return found;
      throw evaluationFailure('Items', "The state's input must be an array where there is no field 'Items'");
    };
  }
  const text = definition.text('ItemsPath') ?? '$';
  const path = definition.expression('ItemsPath', () => compileScopePath(text));
  return (turn, thread, input) => {
    const items = path?.read(scopeOf(turn, thread, readerData ?? input));
    if (isArray(items)) return items;
    throw runtimeFailure(`Reference path "${text}" must point to array.`);
  };
};

const nowhere: Scope = {
  startAt: {
    name: '',
    type: '',
    scopes: [],
    enter: () => WAITING,
    resume: undefined,
    recover: undefined,
    childEnded: undefined,
    childFailed: undefined,
  },
  states: new Map(),
};

type Selected = (turn: Turn, thread: Thread, input: Json, items: readonly Json[]) => readonly Json[];

/** The inputs of all items, one by one as ItemSelector makes them. */
const compileSelector = (definition: Definition): Selected | undefined => {
  const field = ['ItemSelector', 'Parameters'].find((each) => definition.has(each));
  if (field === undefined) return undefined;
  const template = definition.isJsonata ? compileTemplate(definition, field) : undefined;
  const select = template ? undefined : compilePayload(definition, field);
  return (turn, thread, input, items) =>
    items.map((item, index) => {
      const from = { parent: thread, index, item, data: item, boundBytes: 0 };
      const child = newThread(nowhere, from, 0);
      child.state = thread.state;
      // All items ask by the same name: an answer of one is taken for all.
      child.answers = thread.answers;
      return template ? template.evaluate(turn, thread, { item: child }) : (select?.(turn, child, input) ?? item);
    });
};

const tolerated = (count: number | undefined, percentage: number | undefined, length: number): number =>
  Math.min(count ?? length, percentage === undefined ? length : Math.floor((percentage * length) / 100));

/** Compiles what a Map does before its items run: which they are, and how many of them may fail. */
export const compileMapInput = (
  definition: Definition,
  { mocked, failureCount, readerData }: MapTest,
): ((turn: Turn, thread: Thread, input: Json) => void) => {
  const itemsOf = compileItems(definition, readerData);
  const select = compileSelector(definition);
  const concurrency = compileNumber(definition, 'MaxConcurrency', 0);
  const toleratedCount = compileNumber(definition, 'ToleratedFailureCount', 0);
  const toleratedPercentage = compileNumber(definition, 'ToleratedFailurePercentage', 0, 100);
  const watch = definition.watch ?? (() => undefined);
  return (turn, thread, input) => {
    const items = itemsOf(turn, thread, input);
    watch('afterItemsPath', items);
    if (select) watch('afterItemSelector', select(turn, thread, input, items));
    watch('maxConcurrency', concurrency(turn, thread, input) ?? 0);
    const count = toleratedCount(turn, thread, input);
    const percentage = toleratedPercentage(turn, thread, input);
    if (count !== undefined) watch('toleratedFailureCount', count);
    if (percentage !== undefined) watch('toleratedFailurePercentage', percentage);
    const isLimited = count !== undefined || percentage !== undefined;
    if (isLimited && mocked?.error === undefined && failureCount > tolerated(count, percentage, items.length)) {
      throw new StateFailure(
        'States.ExceedToleratedFailureThreshold',
        'The specified tolerated failure threshold was exceeded',
      );
    }
  };
};
