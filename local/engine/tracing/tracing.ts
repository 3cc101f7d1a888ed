import * as z from 'zod';
import type { Clock } from '#ports/clock';
import type { LiveContext } from '../../stepfunctions/host.ts';
import { arnOf } from '../../stepfunctions/identity.ts';
import type { Execution } from '../../stepfunctions/registry.ts';
import type { TraceContext } from '../../stepfunctions/trace-context.ts';
import { HistoryEvent } from '../doctor/history-stays.ts';
import { AwsError } from '../part.ts';
import type { Call } from '../protocol.ts';
import { createSpanSender, type OtlpOptions } from './otlp.ts';
import { type Ended, spansOf } from './trace-spans.ts';

/** Where traces go, and which part of them. */
export type TracingOptions = OtlpOptions & {
  /** Of the traces that begin here; what a caller wants is always traced, what he does not want never. */
  readonly ratio: number;
};

/** Tells a collector what executions did, when they have ended. */
export type Tracer = {
  readonly observe: NonNullable<LiveContext['observe']>;
  readonly close: () => Promise<void>;
};

/** So many executions may wait to be told; a collector is not worth more memory. */
const mostWaiting = 1000;
const pageEvents = 1000;
const History = z.object({ events: z.array(HistoryEvent), nextToken: z.string().optional() });

/** Traces that begin here are chosen by their id, so that all spans of one are told or none. */
const isChosen = ({ traceId, parentId, isSampled }: TraceContext, ratio: number): boolean =>
  isSampled && (parentId !== undefined || Number.parseInt(traceId.slice(0, 8), 16) / 2 ** 32 < ratio);

const endedOf = ({ identity, outcome, stoppedAtMs }: Execution, trace: TraceContext): Ended => ({
  executionArn: arnOf(identity),
  machineArn: identity.home.machineArn,
  machineName: identity.home.machineName,
  trace,
  startedAtMs: identity.startedAtMs,
  endedAtMs: stoppedAtMs ?? identity.startedAtMs,
  status: outcome?.status ?? 'RUNNING',
  error: outcome?.error,
});

/** The whole history; an express machine's execution has none, nor has one whose segments are gone. */
async function historyOf(call: Call, executionArn: string): Promise<readonly HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  try {
    do {
      const input = { executionArn, maxResults: pageEvents, includeExecutionData: false, nextToken };
      const page = History.parse(await call('sfn', 'GetExecutionHistory', input));
      events.push(...page.events);
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
  }
  return events;
}

/** Makes a tracer; what it tells is read from the journal, so that a turn costs nothing and a restart forgets no span. */
export function createTracer(
  { ratio, ...otlp }: TracingOptions,
  engine: {
    readonly call: Call;
    readonly clock: Clock;
    readonly traceOf: (execution: Execution) => TraceContext;
    readonly note: (result: 'sent' | 'dropped', count: number) => void;
  },
): Tracer {
  const { call, clock, note } = engine;
  const sender = createSpanSender(otlp, { clock, note });
  const waiting: Ended[] = [];
  let underWay: Promise<void> | undefined;

  const tell = async (): Promise<void> => {
    for (let ended = waiting.shift(); ended; ended = waiting.shift()) {
      sender.send(spansOf(ended, await historyOf(call, ended.executionArn)));
    }
  };
  const start = (): void => {
    underWay ??= tell()
      // What could not be read is told by nobody; the engine itself goes on.
      .catch(() => note('dropped', 1))
      .finally(() => {
        underWay = undefined;
        if (waiting.length > 0) start();
      });
  };
  return {
    observe: (execution) => {
      if (!execution.outcome) return;
      const trace = engine.traceOf(execution);
      if (!isChosen(trace, ratio)) return;
      if (waiting.length >= mostWaiting) return note('dropped', 1);
      waiting.push(endedOf(execution, trace));
      start();
    },
    close: async () => {
      await underWay;
      await sender.close();
    },
  };
}
