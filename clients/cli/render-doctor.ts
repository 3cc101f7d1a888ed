import type { EngineReport, Finding, SlowState } from '#schema/engine-report';
import { facts, table } from './table.ts';
import { dateAndTime, duration, harmless, size } from './words.ts';

const counts = (of: Readonly<Record<string, number>>): string | undefined =>
  Object.entries(of)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count}`)
    .join('   ') || undefined;

const journalWords = ({ state, sizeBytes, segments, snapshot, unfoldedBytes }: EngineReport['journal']): string =>
  `${state}, ${size(sizeBytes)} in ${segments} segments, snapshot ${snapshot || 'none'}, a start reads ${size(unfoldedBytes)}`;

const queueWords = (queues: EngineReport['queues']): string | undefined =>
  counts(Object.fromEntries(Object.entries(queues).map(([name, { ready, inFlight }]) => [name, ready + inFlight])));

const serviceWords = ({ name, url, error }: EngineReport['services'][number]): string =>
  `${name} at ${url}: ${error ?? 'ok'}`;

const section = (head: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : ['', head, ...lines]);

const slowColumns = [
  { head: 'MACHINE', of: ({ machine }: SlowState) => machine },
  { head: 'STATE', of: ({ state }: SlowState) => state },
  { head: 'STAYS', of: ({ count }: SlowState) => String(count), isNumber: true },
  { head: 'P50', of: ({ p50Ms }: SlowState) => duration(p50Ms), isNumber: true },
  { head: 'P95', of: ({ p95Ms }: SlowState) => duration(p95Ms), isNumber: true },
  { head: 'RETRIES', of: ({ retries }: SlowState) => String(retries), isNumber: true },
];

const fileColumns = [
  { head: 'FILE', of: ({ name }: EngineReport['journal']['files'][number]) => name },
  { head: 'SIZE', of: ({ sizeBytes }: EngineReport['journal']['files'][number]) => size(sizeBytes), isNumber: true },
  {
    head: 'RECORDS',
    of: ({ records }: EngineReport['journal']['files'][number]) => String(records ?? '–'),
    isNumber: true,
  },
  { head: 'VERSION', of: ({ interpreter }: EngineReport['journal']['files'][number]) => interpreter ?? '–' },
  { head: 'BEGUN (UTC)', of: ({ createdAt }: EngineReport['journal']['files'][number]) => dateAndTime(createdAt) },
];

/** What is wrong and what to do, before anything else. */
const findingLines = ({ level, code, what, todo }: Finding): string[] => [
  harmless(`${level === 'problem' ? '✗' : '!'} ${code}: ${what}`),
  harmless(`    try: ${todo}`),
];

/** An engine's examination as a person reads it: what is wrong first. */
export const reportLines = (name: string, report: EngineReport): string[] => {
  const { from, folder, journal, executions, waiting, queues, slow, openWaits, services, disk, findings } = report;
  return [
    `${name}: ${from === 'serving' ? 'serves' : 'its folder was read'}, ${findings.length === 0 ? 'nothing is wrong' : `${findings.length} findings`}`,
    ...findings.flatMap(findingLines),
    '',
    ...facts([
      ['folder', folder],
      ['journal', journalWords(journal)],
      ['executions', `running ${executions.running}   known ${executions.known}`],
      ['waiting for', counts(waiting)],
      ['queues', queueWords(queues)],
      ['disk', disk && `${size(disk.freeBytes)} free of ${size(disk.sizeBytes)}`],
      ...services.map((service) => ['service', serviceWords(service)] as const),
    ]),
    ...section('files:', journal.files.length === 0 ? [] : table(fileColumns, journal.files)),
    ...section(
      'slowest states and those tried again, of the latest executions:',
      slow.length === 0 ? [] : table(slowColumns, slow),
    ),
    ...section(
      'waits that no timeout ends, the oldest first:',
      openWaits.map(({ execution, state, ageS }) =>
        harmless(`  ${execution} in ${state} for ${duration(ageS * 1000)}`),
      ),
    ),
  ];
};
