import type { EngineReport, Finding } from '#schema/engine-report';
import type { JournalProblem } from './journal-report.ts';

/** What is known besides the report itself. */
export type Known = {
  readonly problems: readonly JournalProblem[];
  /** Why the last compaction failed, if it did. */
  readonly compactionFailure?: string | undefined;
  readonly journalError?: string | undefined;
};

type Report = Omit<EngineReport, 'findings'>;

/** Free space below which nobody should wait any longer: a gigabyte, or twice what compaction has to write. */
const leastFreeBytes = 10 ** 9;
/** A start reads some 100 MB a second. */
const mostUnfoldedBytes = 10 ** 9;
const mostReady = 10_000;
const mostAheadMs = 1000;
/** So many retries are a habit, not an accident, if there are half as many as stays. */
const fewRetries = 5;

const MB = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

const journalFindings = ({ journal }: Report, known: Known): Finding[] => [
  ...known.problems.map(
    ({ what }): Finding => ({
      level: 'problem',
      code: 'journal-damaged',
      what,
      todo: 'Bring the file back from a backup (engine restore), or decide to lose what lies behind the damage.',
    }),
  ),
  ...(journal.state === 'full' || journal.state === 'failing'
    ? [
        {
          level: 'problem',
          code: `journal-${journal.state}`,
          what: `the journal cannot write: ${known.journalError ?? 'no reason is known'}`,
          todo: 'Make space on its disk, or make the disk writable again; the journal resumes by itself. Until then every change is refused.',
        } as const,
      ]
    : []),
  ...(known.compactionFailure === undefined
    ? []
    : [
        {
          level: 'problem',
          code: 'compaction-failed',
          what: `old segments could not be compacted: ${known.compactionFailure}`,
          todo: 'Nothing is lost, and the next sealed segment brings another try. See space and rights of the folder.',
        } as const,
      ]),
  ...(journal.unfoldedBytes > mostUnfoldedBytes
    ? [
        {
          level: 'warning',
          code: 'journal-long',
          what: `a start reads ${MB(journal.unfoldedBytes)} behind the snapshot`,
          todo: 'Compaction should have folded them: see whether it fails, or whether one is running.',
        } as const,
      ]
    : []),
];

const machineFindings = ({ disk, journal, clockAheadMs, services }: Report): Finding[] => {
  const neededBytes = Math.max(leastFreeBytes, 2 * journal.unfoldedBytes);
  return [
    ...(disk && disk.freeBytes < neededBytes
      ? [
          {
            level: 'problem',
            code: 'disk-short',
            what: `${MB(disk.freeBytes)} are free, ${MB(neededBytes)} are needed for compaction`,
            todo: 'Make space. When the disk is full, changes are refused until there is space again.',
          } as const,
        ]
      : []),
    ...(clockAheadMs > mostAheadMs
      ? [
          {
            level: 'problem',
            code: 'clock-set-back',
            what: `the clock of this machine is ${Math.round(clockAheadMs / 1000)} s behind the engine's time`,
            todo: 'Set it right; the engine goes on by its own time, and after a start by the wrong one.',
          } as const,
        ]
      : []),
    ...services.flatMap(({ name, url, error }): Finding[] =>
      error === undefined
        ? []
        : [
            {
              level: 'problem',
              code: 'service-unreachable',
              what: `${name} at ${url}: ${error}`,
              todo: 'Start it, or correct its address; tasks that call it fail until then.',
            },
          ],
    ),
  ];
};

const workFindings = ({ openWaits, queues, slow }: Report, stuckAfterS: number): Finding[] => [
  ...openWaits
    .filter(({ ageS }) => ageS > stuckAfterS)
    .map(
      ({ execution, state, since }): Finding => ({
        level: 'problem',
        code: 'wait-stuck',
        what: `${execution} waits in ${state} since ${since}, and no timeout ends it`,
        todo: 'Answer its token, or stop it (papilio exec stop); give the state TimeoutSeconds or HeartbeatSeconds.',
      }),
    ),
  ...Object.entries(queues)
    .filter(([, { ready }]) => ready > mostReady)
    .map(
      ([name, { ready }]): Finding => ({
        level: 'warning',
        code: 'queue-long',
        what: `${ready} messages wait in ${name}`,
        todo: 'See whether its reader runs and keeps up.',
      }),
    ),
  ...slow
    .filter(({ retries, count }) => retries >= fewRetries && retries * 2 >= count)
    .map(
      ({ machine, state, retries, count }): Finding => ({
        level: 'warning',
        code: 'state-retried',
        what: `${state} of ${machine} was tried again ${retries} times in ${count} stays`,
        todo: 'Read the history of one of its executions: the retries hide what fails there.',
      }),
    ),
];

/** What of a report somebody should do something about. */
export const findingsOf = (report: Report, known: Known, stuckAfterS: number): Finding[] => [
  ...journalFindings(report, known),
  ...machineFindings(report),
  ...workFindings(report, stuckAfterS),
];
