import type { DataFlow, Flow } from '../data-flow.ts';
import type { Definition } from '../definition.ts';
import type { BatchRequest, MapRequest, WriteRequest } from '../distributed/map-request.ts';
import { compileReader, oneOf, type ReaderField } from '../distributed/reader-fields.ts';
import { compileBatcher, compileWriter } from '../distributed/writer-fields.ts';
import { runtimeFailure, StateFailure } from '../failure.ts';
import { type Json, jsonSize } from '../json.ts';
import type { Template } from '../jsonata/template.ts';
import { exitBy, leave } from '../leave.ts';
import { MAX_DATA_BYTES } from '../limits.ts';
import {
  type BegunMapRun,
  type Link,
  type Next,
  type Scope,
  type State,
  type Thread,
  type Turn,
  WAITING,
} from '../model.ts';
import { seededUuid } from '../random.ts';
import type { Stimulus } from '../stimulus.ts';
import { checkedBound, countEvent, unwait, wait } from '../turn.ts';
import { countSuccess } from './group.ts';
import type { Items } from './items.ts';
import type { NumberField } from './numbers.ts';

/** What a Map of either mode is made of: an item's input is made by `selector`, or in JSONata by `template`; it is the item without them. */
export type MapCommon = {
  readonly flow: DataFlow;
  readonly link: Link;
  readonly processor: Scope | undefined;
  readonly items: (turn: Turn, thread: Thread, input: Json) => Items;
  readonly selector: Flow | undefined;
  readonly template: Template | undefined;
  readonly maxConcurrency: NumberField;
  readonly toleratedCount: NumberField;
  readonly toleratedPercentage: NumberField;
};

type Distributed = MapCommon & {
  readonly label: string;
  readonly reader: ReaderField | undefined;
  readonly batcher: ((turn: Turn, thread: Thread, input: Json) => BatchRequest) | undefined;
  readonly writer: ((turn: Turn, thread: Thread, input: Json) => WriteRequest) | undefined;
};

const FOREVER = Number.POSITIVE_INFINITY;
/** An express workflow ends after five minutes. */
const EXPRESS_MS = 300_000;

const requestOf = (turn: Turn, thread: Thread, map: Distributed, input: Json, items?: Items): MapRequest => ({
  type: 'mapRun',
  // The same in every replay, and no other engine's.
  id: seededUuid(`${turn.secret}/mapRun/${turn.run.identity.serial}/${turn.run.eventCount + 1}`),
  ...(items?.keys && { keys: [...items.keys] }),
  ...(items ? { items: [...items.values] } : { reader: map.reader?.(turn, thread, input) }),
  batch: map.batcher?.(turn, thread, input),
  writer: map.writer?.(turn, thread, input),
  limits: {
    maxConcurrency: map.maxConcurrency(turn, thread, input) ?? 0,
    toleratedCount: map.toleratedCount(turn, thread, input),
    toleratedPercentage: map.toleratedPercentage(turn, thread, input),
  },
});

/** AWS's limit on the redrives of one map run. */
const MAX_REDRIVES = 1000;

const waitFor = (turn: Turn, thread: Thread, id: number, mapRun: BegunMapRun): Next => {
  thread.mapRun = mapRun;
  const never = { dueAtMs: FOREVER, timeoutAtMs: FOREVER, heartbeatMs: FOREVER };
  wait(turn, thread, { id, reason: 'task', request: mapRun.request, ...never, isSubmitted: false });
  return WAITING;
};

const runArn = (turn: Turn, map: Distributed, { id }: MapRequest): string =>
  `${turn.run.identity.home.machineArn.replace(':stateMachine:', ':mapRun:')}/${map.label}:${id}`;

const enter = (turn: Turn, thread: Thread, map: Distributed): Next => {
  thread.mapRun = undefined;
  const input = map.flow.input(turn, thread);
  const items = map.reader ? undefined : map.items(turn, thread, input);
  // Before any event: a step that waits for an expression is repeated from its beginning.
  const request = requestOf(turn, thread, map, input, items);
  const startedEventId = countEvent(turn, thread);
  turn.record?.({ type: 'MapStateStarted', mapStateStartedEventDetails: { length: items?.values.length ?? 0 } });
  const id = countEvent(turn, thread);
  turn.record?.({ type: 'MapRunStarted', mapRunStartedEventDetails: { mapRunArn: runArn(turn, map, request) } });
  return waitFor(turn, thread, id, { request, startedEventId, redriveCount: 0 });
};

/** Goes on with the same map run, whose unsuccessful children are redriven. */
const redrive = (turn: Turn, thread: Thread, map: Distributed): Next | undefined => {
  const { mapRun } = thread;
  if (!mapRun) return undefined;
  const redriveCount = mapRun.redriveCount + 1;
  if (redriveCount > MAX_REDRIVES)
    throw runtimeFailure(`A Map Run cannot be redriven more than ${MAX_REDRIVES} times.`);
  thread.lastEventId = mapRun.startedEventId;
  const id = countEvent(turn, thread);
  const mapRunArn = runArn(turn, map, mapRun.request);
  turn.record?.({ type: 'MapRunRedriven', mapRunRedrivenEventDetails: { mapRunArn, redriveCount } });
  return waitFor(turn, thread, id, { ...mapRun, redriveCount });
};

/** After these a redrive begins a new map run. */
const FINAL_ERRORS = new Set(['States.DataLimitExceeded', 'States.Runtime']);

const succeed = (turn: Turn, thread: Thread, map: Distributed, output: Json): Next => {
  countEvent(turn, thread);
  turn.record?.({ type: 'MapRunSucceeded' });
  countSuccess(turn, thread);
  unwait(turn, thread, true);
  thread.mapRun = undefined;
  turn.boundBytes = checkedBound(thread, output, jsonSize(output, MAX_DATA_BYTES));
  map.flow.output(turn, thread, output);
  return leave(turn, thread, map.link);
};

const resume = (turn: Turn, thread: Thread, map: Distributed, stimulus: Stimulus): Next => {
  if (stimulus.type === 'succeeded') return succeed(turn, thread, map, stimulus.output);
  if (stimulus.type !== 'failed') return WAITING;
  const { error, cause } = stimulus;
  countEvent(turn, thread);
  turn.record?.({ type: 'MapRunFailed', mapRunFailedEventDetails: { error, cause } });
  countEvent(turn, thread);
  turn.record?.({ type: 'MapStateFailed' });
  unwait(turn, thread, true);
  if (FINAL_ERRORS.has(error ?? '')) thread.mapRun = undefined;
  throw new StateFailure(error, cause);
};

/** The item's value as ItemSelector makes it: the context object shows the item, and the Map's own state. */
const selecting = ({ selector, template, flow }: MapCommon): NonNullable<State['distributed']>['select'] => {
  if (template) {
    return (turn, thread, item, answers) => {
      turn.meter.begin(thread.boundBytes);
      const value = template.evaluate(turn, thread, { item: { ...thread, ...item, answers } });
      checkedBound(thread, value, FOREVER);
      return value;
    };
  }
  return (
    selector &&
    ((turn, thread, item) => {
      turn.meter.begin(thread.boundBytes);
      const input = flow.input(turn, thread);
      const value = selector(turn, { ...thread, ...item }, input);
      checkedBound(thread, value, turn.boundBytes);
      return value;
    })
  );
};

const MAX_LABEL_CHARS = 40;

const labelOf = (definition: Definition, name: string): string => {
  const label = definition.text('Label');
  if (label !== undefined && !/^[^\s?*<>{}[\]:;,\\|^~$#%&`"/\p{Cc}]{1,40}$/u.test(label)) {
    definition.problem('Label', `A label has 1 to ${MAX_LABEL_CHARS} characters, no spaces and no special ones`);
  }
  return label ?? seededUuid(`label/${name}`);
};

/** Compiles a Map whose items are executions of their own; its map run is fed from outside of the interpreter. */
export const compileDistributed = (
  definition: Definition,
  name: string,
  common: MapCommon,
): Pick<State, 'enter' | 'redrive' | 'exit' | 'scopes' | 'distributed' | 'resume'> => {
  const map: Distributed = {
    ...common,
    label: labelOf(definition, name),
    reader: compileReader(definition),
    batcher: compileBatcher(definition),
    writer: compileWriter(definition),
  };
  const config = (definition.object('ItemProcessor') ?? definition.object('Iterator'))?.object('ProcessorConfig');
  const kind = config && oneOf(config, 'ExecutionType', ['STANDARD', 'EXPRESS'] as const);
  if (!config?.has('ExecutionType')) {
    definition.problem('ItemProcessor/ProcessorConfig', "The field 'ExecutionType' is required with Mode DISTRIBUTED");
  }
  const { processor } = common;
  return {
    scopes: processor ? [processor] : [],
    exit: exitBy(map.flow, map.link),
    enter: (turn, thread) => enter(turn, thread, map),
    redrive: (turn, thread) => redrive(turn, thread, map),
    resume: (turn, thread, stimulus) => resume(turn, thread, map, stimulus),
    distributed: processor && {
      label: map.label,
      isExpress: kind === 'EXPRESS',
      machine: { definition: '', scope: processor, timeoutMs: kind === 'EXPRESS' ? EXPRESS_MS : undefined },
      select: selecting(common),
    },
  };
};
