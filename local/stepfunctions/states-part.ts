import { randomBytes } from 'node:crypto';
import type { Part } from '../engine/part.ts';
import { type ExecutionNote, notesAfter, notesOf } from './execution-notes.ts';
import type { LiveContext } from './host.ts';
import { Live } from './live.ts';
import { WORK_AT_ONCE } from './meter.ts';
import { ACTIVITY_OPERATIONS } from './operations/activities.ts';
import { ALIAS_OPERATIONS } from './operations/aliases.ts';
import { DESCRIBE_OPERATIONS } from './operations/describe-machine.ts';
import { EXECUTION_OPERATIONS } from './operations/executions.ts';
import { HISTORY_OPERATIONS } from './operations/history.ts';
import { LIST_OPERATIONS } from './operations/list-executions.ts';
import { MACHINE_OPERATIONS } from './operations/machines.ts';
import { MAP_RUN_OPERATIONS } from './operations/map-runs.ts';
import { REDRIVE_OPERATIONS } from './operations/redrive.ts';
import { SYNC_OPERATIONS } from './operations/start-sync.ts';
import { TAG_OPERATIONS } from './operations/tags.ts';
import { TEST_OPERATIONS } from './operations/test-state.ts';
import { TOKEN_OPERATIONS } from './operations/tokens.ts';
import { VALIDATION_OPERATIONS } from './operations/validate-definition.ts';
import { VERSION_OPERATIONS } from './operations/versions.ts';
import { JournalRecord } from './records.ts';
import { type Execution, Registry } from './registry.ts';
import { FINISHED_EXECUTIONS } from './registry-options.ts';
import { snapshotItems } from './snapshot.ts';
import { SnapshotItem } from './snapshot-items.ts';
import { SnapshotReader } from './snapshot-reader.ts';
import { type Survey, survey } from './survey.ts';
import { type TraceContext, traceOf } from './trace-context.ts';

/** What Step Functions needs to run. */
export type StatesContext = LiveContext & {
  readonly account: string;
  readonly region: string;
  readonly limits?: {
    /** How many finished executions are remembered. */
    readonly finishedExecutions?: number;
    /** How much a turn does at once. */
    readonly workAtOnce?: number;
  };
};

/** Step Functions as a part of an engine. */
export type StatesPart = Part & {
  readonly name: 'sfn';
  readonly stats: () => { readonly running: number; readonly known: number; readonly timers: number };
  /** What running executions wait for; looks at all of them, a part at a time. */
  readonly survey: () => Promise<Survey>;
  /** The trace that an execution is part of. */
  readonly traceOf: (execution: Execution) => TraceContext;
  /** Starts and ends of an execution behind a position of the journal, in order. */
  readonly notesOf: (execution: Execution, after: number) => readonly ExecutionNote[];
  /** Starts and ends of all remembered executions behind a position, in order. */
  readonly notesAfter: (after: number) => readonly ExecutionNote[];
};

const applyTo = (registry: Registry): Part['apply'] => {
  return (record, at) => {
    const parsed = JournalRecord.parse(record);
    if (parsed.kind === 'started') registry.applyStarted(parsed, at);
    else if (parsed.kind === 'turn') registry.applyTurn(parsed, at);
    else if (parsed.kind === 'redriven') registry.applyRedriven(parsed, at);
    else registry.apply(parsed);
  };
};

/** Makes the durable Step Functions of an engine. */
export const createStatesPart = (context: StatesContext): StatesPart => {
  const { account, region, limits } = context;
  const finishedExecutions = limits?.finishedExecutions ?? FINISHED_EXECUTIONS;
  const workAtOnce = limits?.workAtOnce ?? WORK_AT_ONCE;
  const registry = new Registry({ account, region, finishedExecutions, workAtOnce });
  const live = new Live(registry, context);
  const snapshot = new SnapshotReader(registry);
  const table = Object.entries({
    ...MACHINE_OPERATIONS,
    ...DESCRIBE_OPERATIONS,
    ...VERSION_OPERATIONS,
    ...ALIAS_OPERATIONS,
    ...TAG_OPERATIONS,
    ...VALIDATION_OPERATIONS,
    ...EXECUTION_OPERATIONS,
    ...LIST_OPERATIONS,
    ...SYNC_OPERATIONS,
    ...HISTORY_OPERATIONS,
    ...MAP_RUN_OPERATIONS,
    ...ACTIVITY_OPERATIONS,
    ...TOKEN_OPERATIONS,
    ...REDRIVE_OPERATIONS,
    ...TEST_OPERATIONS,
  });
  return {
    name: 'sfn',
    restore: (item) => snapshot.restore(SnapshotItem.parse(item)),
    apply: applyTo(registry),
    items: () => snapshotItems(registry),
    resume: () => {
      // Task tokens are signed with it; made once in the life of a journal.
      if (registry.secret === '')
        live.write({ kind: 'secret', secret: randomBytes(24).toString('base64url') }).catch(() => undefined);
      live.resume();
    },
    close: () => live.close(),
    operations: Object.fromEntries(
      table.map(([name, run]) => [name, (input: unknown, signal?: AbortSignal) => run(live, input, signal)]),
    ),
    stats: () => ({ running: registry.running, known: registry.known, timers: live.timers }),
    survey: () => survey(registry),
    traceOf: (execution) => traceOf(registry, execution),
    notesOf: (execution, after) => notesOf(execution, registry, after),
    notesAfter: (after) => notesAfter(registry, after),
  };
};
