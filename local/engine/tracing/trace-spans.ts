import { spanIdOf, type TraceContext } from '../../stepfunctions/trace-context.ts';
import { type HistoryEvent, type Stay, staysOf, type Try } from '../doctor/history-stays.ts';

/** A span as OTLP has it, before it is written down. */
export type Span = {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | undefined;
  readonly name: string;
  /** Whether it is a call of something else, or work of its own. */
  readonly kind: 'internal' | 'client';
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly error: string | undefined;
};

/** An execution that has ended. */
export type Ended = {
  readonly executionArn: string;
  readonly machineArn: string;
  readonly machineName: string;
  readonly trace: TraceContext;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly status: string;
  readonly error: string | undefined;
};

/** The event that began the last run of an execution: its redrive, or 0 for its start. */
const beginningOf = (events: readonly HistoryEvent[]): HistoryEvent | undefined =>
  events.findLast(({ type }) => type === 'ExecutionRedriven');

const tryKind = ({ resource }: Try): Span['kind'] => (resource === 'map run' ? 'internal' : 'client');

/** What an execution did: itself, each stay in a state within it, each try of a task within that. */
export function spansOf(ended: Ended, events: readonly HistoryEvent[]): readonly Span[] {
  const { executionArn, trace, endedAtMs, status } = ended;
  const redrive = beginningOf(events);
  const firstId = redrive?.id ?? 0;
  const span = (id: number, parentId: string | undefined) => ({
    traceId: trace.traceId,
    spanId: spanIdOf(executionArn, id),
    parentId,
  });
  const root: Span = {
    ...span(firstId, trace.parentId),
    name: ended.machineName,
    kind: 'internal',
    startedAtMs: redrive ? redrive.timestamp * 1000 : ended.startedAtMs,
    endedAtMs,
    attributes: {
      'aws.step_functions.state_machine.arn': ended.machineArn,
      'papilio.execution.arn': executionArn,
      'papilio.execution.status': status,
    },
    error: status === 'SUCCEEDED' ? undefined : (ended.error ?? status),
  };
  const isLost = status !== 'SUCCEEDED';
  const stayParent = ({ parent }: Stay): string =>
    parent && parent.id > firstId ? spanIdOf(executionArn, parent.id) : root.spanId;
  const ofStay = (stay: Stay): Span[] => {
    const { id, name, type, startedAtMs, tries } = stay;
    const lastError = stay.endedAtMs === undefined && isLost ? (tries.at(-1)?.error ?? status) : undefined;
    const own: Span = {
      ...span(id, stayParent(stay)),
      name,
      kind: 'internal',
      startedAtMs,
      endedAtMs: stay.endedAtMs ?? endedAtMs,
      attributes: { 'papilio.state.type': type, 'papilio.state.tries': tries.length },
      error: lastError,
    };
    const done = tries.map(
      (each): Span => ({
        ...span(each.id, own.spanId),
        name: each.resource,
        kind: tryKind(each),
        startedAtMs: each.startedAtMs,
        endedAtMs: each.endedAtMs ?? own.endedAtMs,
        attributes: { 'papilio.task.resource': each.resource },
        error: each.error,
      }),
    );
    return [own, ...done].filter(({ startedAtMs: at }) => at >= root.startedAtMs);
  };
  const stays = staysOf(events).filter(({ id, tries }) => id > firstId || tries.some((each) => each.id > firstId));
  return [root, ...stays.flatMap(ofStay)];
}
