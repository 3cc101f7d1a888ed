import { scopeOf } from '../context-object.ts';
import { compileDataFlow, compilePayload } from '../data-flow.ts';
import type { Definition } from '../definition.ts';
import { oneOf } from '../distributed/reader-fields.ts';
import { compileScopePath } from '../expressions/expression.ts';
import { runtimeFailure, StateFailure } from '../failure.ts';
import { type Json, jsonSize } from '../json.ts';
import { compileItemsField } from '../jsonata/field.ts';
import { Unanswered } from '../jsonata/question.ts';
import { compileTemplate, evaluationFailure, type Template } from '../jsonata/template.ts';
import { exitBy, leave } from '../leave.ts';
import { MAX_DATA_BYTES } from '../limits.ts';
import { AGAIN, type Next, type Scope, SELECTION, type Thread, type Turn, WAITING } from '../model.ts';
import { compileRecovery } from '../recovery.ts';
import { checkedBound, countEvent, hold, newThread } from '../turn.ts';
import { compileDistributed, type MapCommon } from './distributed-map.ts';
import {
  abortChildren,
  addChild,
  countSuccess,
  newGroup,
  resumeChild,
  startChild,
  takeFailure,
  takeResult,
} from './group.ts';
import { itemsIn } from './items.ts';
import { compileNumber } from './numbers.ts';
import type { CompileContext, StateType } from './state-type.ts';

const iteration = (thread: Thread, child: Thread): object => ({ name: thread.state.name, index: child.index });

const startItem = (turn: Turn, thread: Thread, map: MapCommon, processor: Scope, after: number): void => {
  const { group } = thread;
  if (!group) return;
  const index = group.started;
  const item = group.items[index] ?? null;
  const from = { parent: thread, index, item, data: item, boundBytes: jsonSize(item, MAX_DATA_BYTES) };
  turn.meter.begin(from.boundBytes);
  const child = newThread(processor, from, after);
  if (map.selector) {
    const input = map.flow.input(turn, thread);
    child.data = map.selector(turn, child, input);
    child.boundBytes = checkedBound(thread, child.data, turn.boundBytes);
  }
  countEvent(turn, child);
  turn.record?.({ type: 'MapIterationStarted', mapIterationStartedEventDetails: iteration(thread, child) });
  if (!map.template || selected(turn, thread, child, map.template)) startChild(turn, group, child);
  else addChild(group, child);
};

/** False if the item's input has to wait for expressions. */
const selected = (turn: Turn, thread: Thread, child: Thread, template: Template): boolean => {
  try {
    select(turn, thread, child, template);
    return true;
  } catch (thrown) {
    if (!(thrown instanceof Unanswered)) throw thrown;
    child.leaving = { exit: SELECTION, value: null, boundBytes: 0 };
    hold(turn, child, thrown.question);
    return false;
  }
};

/** JSONata's ItemSelector: it sees the Map's own input, and the item in the context. */
const select = (turn: Turn, thread: Thread, child: Thread, template: Template): void => {
  const value = template.evaluate(turn, thread, { item: child });
  child.boundBytes = checkedBound(thread, value, Number.POSITIVE_INFINITY);
  child.data = value;
};

/** Lets a redriven item go on; one that was in no state yet begins anew. */
const resumeItem = (turn: Turn, thread: Thread, map: MapCommon, child: Thread): void => {
  const { group } = thread;
  if (!group) return;
  group.active.add(child);
  if (child.enteredEventId === 0) {
    countEvent(turn, child);
    turn.record?.({ type: 'MapIterationStarted', mapIterationStartedEventDetails: iteration(thread, child) });
    if (map.template && !selected(turn, thread, child, map.template)) return;
  }
  resumeChild(turn, child);
};

/** Starts items while there is room, each following the event `after`; ends the state when all have ended. */
const proceed = (turn: Turn, thread: Thread, map: MapCommon, after: number): Next => {
  const { group } = thread;
  if (!group || !map.processor) return WAITING;
  for (let begun = 0; group.active.size < group.maxConcurrency; begun++) {
    // Only these items follow the event that began the state's work, also when the next turn goes on with them.
    if (begun > 0 && turn.meter.isSpent && after === group.startedEventId) return AGAIN;
    const child = group.waiting.shift();
    if (child) resumeItem(turn, thread, map, child);
    else if (group.started < group.items.length) startItem(turn, thread, map, map.processor, after);
    else break;
  }
  if (group.ended < group.items.length) return WAITING;
  turn.boundBytes = group.boundBytes;
  thread.group = undefined;
  countSuccess(turn, thread);
  map.flow.output(
    turn,
    thread,
    group.results.filter((result) => result !== undefined),
  );
  return leave(turn, thread, map.link);
};

const tolerated = (turn: Turn, thread: Thread, map: MapCommon, input: Json, length: number): number => {
  const count = map.toleratedCount(turn, thread, input);
  const percentage = map.toleratedPercentage(turn, thread, input);
  if (count === undefined && percentage === undefined) return -1;
  return Math.min(count ?? length, percentage === undefined ? length : Math.floor((percentage * length) / 100));
};

const enter = (turn: Turn, thread: Thread, map: MapCommon): Next => {
  const input = map.flow.input(turn, thread);
  const items = map.items(turn, thread, input).values;
  const concurrency = map.maxConcurrency(turn, thread, input) || Number.POSITIVE_INFINITY;
  const toleratedFailures = tolerated(turn, thread, map, input, items.length);
  const startedEventId = countEvent(turn, thread);
  turn.record?.({ type: 'MapStateStarted', mapStateStartedEventDetails: { length: items.length } });
  thread.group = newGroup(startedEventId, items, concurrency, toleratedFailures);
  return proceed(turn, thread, map, startedEventId);
};

const childFailed = (turn: Turn, thread: Thread, child: Thread, failure: StateFailure, map: MapCommon): Next => {
  const { group } = thread;
  if (!group) return WAITING;
  const { lastEventId } = child;
  countEvent(turn, child);
  turn.record?.({ type: 'MapIterationFailed', mapIterationFailedEventDetails: iteration(thread, child) });
  thread.lastEventId = child.lastEventId;
  takeFailure(group, child);
  group.failed += 1;
  group.ended += 1;
  if (group.failed <= group.toleratedFailures) return proceed(turn, thread, map, lastEventId);
  thread.lastEventId = lastEventId;
  abortChildren(turn, thread, lastEventId, (other) => {
    countEvent(turn, other);
    turn.record?.({ type: 'MapIterationAborted', mapIterationAbortedEventDetails: iteration(thread, other) });
  });
  countEvent(turn, thread);
  turn.record?.({ type: 'MapStateFailed' });
  if (group.toleratedFailures < 0) throw failure;
  throw new StateFailure(
    'States.ExceedToleratedFailureThreshold',
    'The specified tolerated failure threshold was exceeded',
  );
};

/** An object's fields are items too, but only where each is an execution of its own. */
const compileItems = (definition: Definition, hasObjects: boolean): MapCommon['items'] => {
  if (definition.isJsonata) {
    const items = compileItemsField(definition, 'Items', hasObjects);
    return (turn, thread, input) => {
      const found = itemsIn(items ? items(turn, thread, {}) : input, hasObjects);
      if (found) return found;
      throw evaluationFailure('Items', "The state's input must be an array where there is no field 'Items'");
    };
  }
  const text = definition.text('ItemsPath') ?? '$';
  const path = definition.expression('ItemsPath', () => compileScopePath(text));
  return (turn, thread, input) => {
    const found = itemsIn(path?.read(scopeOf(turn, thread, input)), hasObjects);
    if (found) return found;
    throw runtimeFailure(`Reference path "${text}" must point to array.`);
  };
};

const compileProcessor = (definition: Definition, context: CompileContext): Scope | undefined => {
  const field = definition.has('Iterator') ? 'Iterator' : 'ItemProcessor';
  const processor = definition.object(field);
  if (!processor) {
    definition.problemAt(definition.at, "The field 'ItemProcessor' is required but was missing");
    return undefined;
  }
  return context.scope(processor);
};

const DISTRIBUTED_FIELDS = ['ItemReader', 'ItemBatcher', 'ResultWriter', 'Label'];

const isDistributed = (definition: Definition): boolean => {
  const config = definition
    .object(definition.has('Iterator') ? 'Iterator' : 'ItemProcessor')
    ?.object('ProcessorConfig');
  const mode = config && oneOf(config, 'Mode', ['INLINE', 'DISTRIBUTED'] as const);
  if (mode === 'DISTRIBUTED') return true;
  for (const field of DISTRIBUTED_FIELDS) {
    if (definition.has(field)) definition.problem(field, `Field '${field}' is only supported with Mode DISTRIBUTED`);
  }
  return false;
};

const compileParts = (definition: Definition, context: CompileContext, hasObjects: boolean): MapCommon => {
  // In a Map, Parameters is the old name of ItemSelector, so it is no part of the state's own input.
  const { Parameters: _parameters, ...fields } = definition.fields;
  const selectorField = definition.has('ItemSelector') ? 'ItemSelector' : 'Parameters';
  return {
    flow: compileDataFlow(definition.with(fields)),
    link: context.next(),
    processor: compileProcessor(definition, context),
    items: compileItems(definition, hasObjects),
    selector:
      definition.has(selectorField) && !definition.isJsonata ? compilePayload(definition, selectorField) : undefined,
    template: definition.isJsonata ? compileTemplate(definition, 'ItemSelector') : undefined,
    maxConcurrency: compileNumber(definition, 'MaxConcurrency', 0),
    toleratedCount: compileNumber(definition, 'ToleratedFailureCount', 0),
    toleratedPercentage: compileNumber(definition, 'ToleratedFailurePercentage', 0, 100),
  };
};

/** Map (inline): runs its item processor on every element of an array, in order of index, so many at a time. */
export const map: StateType = {
  fields: [
    ...['InputPath', 'OutputPath', 'ItemsPath', 'ItemSelector', 'Parameters', 'ItemProcessor', 'Iterator'],
    ...['ResultSelector', 'ResultPath', 'MaxConcurrency', 'MaxConcurrencyPath', 'ToleratedFailureCount'],
    ...['ToleratedFailureCountPath', 'ToleratedFailurePercentage', 'ToleratedFailurePercentagePath'],
    ...DISTRIBUTED_FIELDS,
    ...['Items', 'Output', 'Assign'],
    ...['Retry', 'Catch', 'Next', 'End'],
  ],
  compile: (definition, context) => {
    const isApart = isDistributed(definition);
    const parts = compileParts(definition, context, isApart);
    if (isApart) {
      const recover = compileRecovery(definition, context);
      return { ...compileDistributed(definition, context.name, parts), recover };
    }
    return {
      scopes: parts.processor ? [parts.processor] : [],
      exit: exitBy(parts.flow, parts.link),
      select: (turn, thread, child) => parts.template && select(turn, thread, child, parts.template),
      enter: (turn, thread) => enter(turn, thread, parts),
      redrive: (turn, thread) => thread.group && proceed(turn, thread, parts, thread.group.startedEventId),
      childEnded: (turn, thread, child) => {
        if (!thread.group) return WAITING;
        const { lastEventId } = child;
        countEvent(turn, child);
        turn.record?.({ type: 'MapIterationSucceeded', mapIterationSucceededEventDetails: iteration(thread, child) });
        takeResult(thread.group, child);
        thread.lastEventId = child.lastEventId;
        return proceed(turn, thread, parts, lastEventId);
      },
      childFailed: (turn, thread, child, failure) => childFailed(turn, thread, child, failure, parts),
      recover: compileRecovery(definition, context),
    };
  },
};
