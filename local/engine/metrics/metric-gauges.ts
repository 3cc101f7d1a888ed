import type { Survey } from '../../stepfunctions/survey.ts';
import type { EngineStats } from '../engine.ts';
import { interpreterVersion } from '../version.ts';
import type { Family, Sample } from './exposition.ts';

/** More queues than these are not told one by one. */
const mostQueues = 500;

const gauge = (name: string, help: string, value: number | readonly Sample[]): Family => ({
  name: `papilio_engine_${name}`,
  help,
  type: 'gauge',
  samples: typeof value === 'number' ? [{ value }] : value,
});

const byLabel = (label: string, values: Readonly<Record<string, number>>): Sample[] =>
  Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }));

const queueSamples = ({ queues }: EngineStats): Sample[] =>
  Object.entries(queues)
    .slice(0, mostQueues)
    .flatMap(([queue, depth]) => Object.entries(depth).map(([state, value]) => ({ labels: { queue, state }, value })));

const executionGauges = ({ executions }: EngineStats, survey: Survey, nowMs: number): Family[] => [
  gauge('execution_running', 'Executions that run.', executions.running),
  gauge('execution_known', 'Executions that are remembered, finished ones included.', executions.known),
  gauge('wait_count', 'What running executions wait for.', byLabel('kind', survey.waiting)),
  gauge(
    'token_oldest_wait_seconds',
    'Age of the oldest wait for a task token, 0 if there is none.',
    survey.oldestTokenMs === undefined ? 0 : Math.max(0, (nowMs - survey.oldestTokenMs) / 1000),
  ),
  gauge('open_wait_count', 'Waits for a token or a worker that no timeout ends.', survey.openCount),
  gauge(
    'timer_count',
    'Timers that are set, those of waits that are over included until they are swept.',
    executions.timers,
  ),
  gauge('map_run_running', 'Distributed Maps at work.', survey.mapRuns),
];

const journalGauges = ({ journal, compaction, recovery }: EngineStats): Family[] => [
  gauge(
    'journal_writable',
    '1 if the journal can write, 0 if its disk is full or failing.',
    journal.state === 'ok' ? 1 : 0,
  ),
  gauge('journal_bytes', 'Size of all segments.', journal.sizeBytes),
  gauge('journal_segment_count', 'Segments, those kept for histories included.', journal.segments),
  gauge('compaction_snapshot', 'Number of the newest snapshot, 0 for none.', compaction.snapshot),
  gauge('compaction_running', '1 while sealed segments become a snapshot.', compaction.isRunning ? 1 : 0),
  gauge('compaction_failed', '1 if the last compaction failed.', compaction.failure === undefined ? 0 : 1),
  gauge(
    'compaction_seconds',
    'How long the last compaction took, 0 if there was none.',
    (compaction.tookMs ?? 0) / 1000,
  ),
  gauge('recovery_seconds', 'How long the last start took to read the journal.', recovery.tookMs / 1000),
  gauge('recovery_record_count', 'Records that the last start read behind the snapshot.', recovery.records),
];

const processGauges = (): Family[] => {
  const { rss, heapUsed } = process.memoryUsage();
  return [
    gauge('memory_resident_bytes', 'Memory of the process.', rss),
    gauge('memory_heap_used_bytes', 'JavaScript objects in it.', heapUsed),
    gauge('uptime_seconds', 'Since the process started.', process.uptime()),
    {
      ...gauge(
        'cpu_seconds_total',
        'CPU time of the process.',
        process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
      ),
      type: 'counter',
    },
  ];
};

/** What is so now: of the engine, of its journal, of its process. */
export const gaugesOf = (stats: EngineStats, survey: Survey, nowMs: number): Family[] => [
  gauge('info', 'Which engine it is.', [
    { labels: { account: stats.account, interpreter: interpreterVersion }, value: 1 },
  ]),
  ...executionGauges(stats, survey, nowMs),
  gauge('queue_message_count', 'Messages in each queue, by state.', queueSamples(stats)),
  ...journalGauges(stats),
  ...processGauges(),
];
