import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { CallService, LiveContext } from '../../stepfunctions/host.ts';
import type { Survey } from '../../stepfunctions/survey.ts';
import type { EngineStats } from '../engine.ts';
import type { JournalOptions } from '../journal.ts';
import type { InvokeFunction } from '../part.ts';
import { exposition, type Family, type Sample } from './exposition.ts';
import { createCounter, createHistogram, type Histogram } from './instruments.ts';
import { gaugesOf } from './metric-gauges.ts';
import { type CallTallies, createCallTallies, createExecutionTallies } from './tallies.ts';

/** Counts what an engine does, and tells it as Prometheus reads it. */
export type EngineMetrics = {
  readonly observe: NonNullable<LiveContext['observe']>;
  readonly onCommit: NonNullable<JournalOptions['onCommit']>;
  readonly calls: CallTallies;
  readonly timedInvoke: (invoke: InvokeFunction) => InvokeFunction;
  readonly timedService: (callService: CallService) => CallService;
  /** Counts spans of traces. */
  readonly note: (result: 'sent' | 'dropped', count: number) => void;
  readonly text: (stats: EngineStats, survey: Survey, nowMs: number) => string;
  readonly close: () => void;
};

const prefix = 'papilio_engine_';
const delayResolutionMs = 20;

const counter = (name: string, help: string, samples: readonly Sample[]): Family => ({
  name: `${prefix}${name}`,
  help,
  type: 'counter',
  samples,
});

const histogram = (name: string, help: string, samples: readonly Sample[]): Family => ({
  name: `${prefix}${name}`,
  help,
  type: 'histogram',
  samples,
});

/** Makes the metrics of an engine; each event costs some tens of nanoseconds, all else is looked at when it is asked for. */
export function createEngineMetrics(): EngineMetrics {
  const executions = createExecutionTallies();
  const calls = createCallTallies();
  const invokes = createCounter('result');
  const invokeTimes = createHistogram();
  const services = createServiceTimes();
  const commitTimes = createHistogram();
  const spans = { sent: 0, dropped: 0 };
  const sums = { turns: 0, records: 0, bytes: 0 };
  const delay = monitorEventLoopDelay({ resolution: delayResolutionMs });
  delay.enable();

  const families = (): readonly Family[] => [
    counter('execution_started_total', 'Executions started, by state machine.', executions.started()),
    counter('execution_ended_total', 'Executions ended, by state machine and status.', executions.ended()),
    counter('execution_turn_total', 'Turns: stimuli played to executions, starts included.', [{ value: sums.turns }]),
    counter('api_call_total', 'Calls of the API, by operation and error code (OK).', calls.samples()),
    counter('function_invoke_total', 'Invocations of functions that have ended, by result.', invokes.samples()),
    histogram('function_invoke_seconds', 'How long functions took.', invokeTimes.samples()),
    counter('service_call_total', 'Calls of other services that have ended, by result.', services.counts()),
    histogram('service_call_seconds', 'How long calls of other services took.', services.times()),
    counter('journal_record_total', 'Records made durable.', [{ value: sums.records }]),
    counter('journal_written_bytes_total', 'Bytes made durable.', [{ value: sums.bytes }]),
    histogram('journal_commit_seconds', 'How long group commits took, sync included.', commitTimes.samples()),
    counter('trace_span_total', 'Spans told to the collector, and those that it did not take.', [
      { labels: { result: 'sent' }, value: spans.sent },
      { labels: { result: 'dropped' }, value: spans.dropped },
    ]),
  ];

  return {
    observe: ({ identity, outcome }, { run }) => {
      sums.turns += 1;
      const isFirst = run.turnCount === 1;
      if (!isFirst && !outcome) return;
      const tally = executions.of(identity.home);
      if (isFirst) tally.started += 1;
      if (outcome) tally.ended[outcome.status] += 1;
    },
    onCommit: ({ records, sizeBytes, tookMs }) => {
      sums.records += records;
      sums.bytes += sizeBytes;
      commitTimes.observe(tookMs);
    },
    calls,
    timedInvoke: (invoke) => (request) =>
      timed(
        () => invoke(request),
        (answer, tookMs) => {
          invokeTimes.observe(tookMs);
          invokes.add(resultOf(answer));
        },
      ),
    timedService: (callService) => (request) =>
      timed(
        () => callService(request),
        (answer, tookMs) => services.note(request.service, resultOf(answer), tookMs),
      ),
    note: (result, count) => {
      spans[result] += count;
    },
    text: (stats, survey, nowMs) => exposition([...families(), ...gaugesOf(stats, survey, nowMs), loopDelay(delay)]),
    close: () => delay.disable(),
  };
}

type Answer = { readonly ok: boolean; readonly errorType?: string; readonly error?: string };

/** `ok`, or the name of the error that the state machine sees; nothing was answered to what was given up. */
const resultOf = (answer: Answer | undefined): string => {
  if (answer === undefined) return 'thrown';
  return answer.ok ? 'ok' : (answer.errorType ?? answer.error ?? 'error');
};

async function timed<A>(work: () => Promise<A>, note: (answer: A | undefined, tookMs: number) => void): Promise<A> {
  const startedMs = performance.now();
  let answer: A | undefined;
  try {
    answer = await work();
    return answer;
  } finally {
    note(answer, performance.now() - startedMs);
  }
}

/** Calls of each service. Services are few: an engine knows them by name. */
function createServiceTimes() {
  const results = createCounter('service', 'result');
  const times = new Map<string, Histogram>();
  return {
    note: (service: string, result: string, tookMs: number) => {
      const known = times.get(service) ?? createHistogram();
      times.set(service, known);
      known.observe(tookMs);
      results.add(service, result);
    },
    counts: results.samples,
    times: () => [...times].flatMap(([service, known]) => known.samples({ service })),
  };
}

/** Since the last look, so that one long pause is not told for ever. */
function loopDelay(delay: ReturnType<typeof monitorEventLoopDelay>): Family {
  const seconds = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - delayResolutionMs / 1000);
  const samples = [
    { labels: { quantile: '0.5' }, value: seconds(delay.percentile(50)) },
    { labels: { quantile: '0.99' }, value: seconds(delay.percentile(99)) },
    { labels: { quantile: '1' }, value: seconds(delay.max) },
  ];
  delay.reset();
  const help = 'How late the event loop was, since the last scrape.';
  return { name: `${prefix}event_loop_delay_seconds`, help, type: 'gauge', samples };
}
