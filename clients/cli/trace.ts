import type { Considered, Explain } from '#schema/assignment';
import type { Event } from '#schema/event';
import type { Attempt } from '#schema/job';
import type { JobView, Trace } from '#schema/view';
import { facts, table } from './table.ts';
import { duration, preciseTime, shortId, size } from './words.ts';

type TracedEvent = Omit<Event, 'hash'>;

/** What an event says, in a few words. */
const words = ({ data }: TracedEvent): string => {
  const told = [
    'state',
    'phase',
    'facility',
    'queue',
    'outcome',
    'exitCode',
    'signal',
    'code',
    'reason',
    'sizeBytes',
    'checksumAdler32',
    'objectKey',
  ];
  return told.flatMap((name) => (data[name] === undefined ? [] : [`${name} ${String(data[name])}`])).join(', ');
};

const planeOf = ({ source }: TracedEvent): string => source.slice(source.lastIndexOf('/') + 1);

const eventLines = (events: readonly TracedEvent[], columns: number | undefined): string[] => {
  const startMs = Date.parse(events[0]?.time ?? '');
  return table(
    [
      { head: 'TIME (UTC)', of: ({ time }) => preciseTime(time) },
      { head: 'AFTER', of: ({ time }) => duration(Date.parse(time) - startMs), isNumber: true },
      { head: 'PLANE', of: planeOf },
      { head: 'WHAT', of: ({ type }) => type },
      { head: 'TO', of: ({ subject }) => shortId(subject) },
      { head: 'BECAUSE OF', of: ({ cause }) => (cause === undefined ? '–' : shortId(cause)) },
      { head: 'SAYING', of: words, isCut: true },
    ],
    events,
    { columns },
  );
};

const endWords = ({ end }: Attempt): string => {
  if (!end) return 'not ended';
  const how = end.signal ?? (end.exitCode === undefined ? '' : `exit code ${end.exitCode}`);
  const cpuS = (end.cpuUserS ?? 0) + (end.cpuSystemS ?? 0);
  const use = end.memoryPeakMb === undefined ? '' : `, ${end.memoryPeakMb.toFixed(0)} MB`;
  return `${[end.outcome, how, end.reason].filter(Boolean).join(', ')} (${cpuS.toFixed(2)} s of CPU${use})`;
};

/** The attempts of a job, one a line. */
export const attemptLines = (attempts: readonly Attempt[]): string[] =>
  table(
    [
      { head: 'ATTEMPT', of: ({ number }) => String(number), isNumber: true },
      { head: 'AT', of: ({ facility, queue }) => `${facility}/${queue}` },
      { head: 'STATE', of: ({ state }) => state },
      { head: 'AS', of: ({ handle }) => handle ?? '–' },
      { head: 'END', of: endWords },
    ],
    attempts,
  );

const consideredLine = ({ facility, queue, isEligible, score, factors, reason, wouldNeed }: Considered): string => {
  const place = `${facility}/${queue}`;
  if (!isEligible)
    return `  ${place}: no, ${reason ?? 'not eligible'}${wouldNeed === undefined ? '' : `; it would need ${wouldNeed}`}`;
  const parts = Object.entries(factors).map(([name, value]) => `${name} ${Math.round(value * 1000) / 1000}`);
  return `  ${place}: score ${Math.round(score * 1000) / 1000} (${parts.join(', ')})`;
};

const choiceOf = ({ chosen, held }: Explain): string => {
  if (held !== undefined) return `waited, ${held}; seen`;
  return chosen === 'none' ? 'found no place, looked for' : `went to ${chosen}, decided`;
};

/** An explain record in words. */
export const explainLines = (explain: Explain): string[] => {
  const { attempt, decidedAt, considered, held } = explain;
  const told = `attempt ${attempt} ${choiceOf(explain)} at ${preciseTime(decidedAt)} UTC`;
  if (held !== undefined) return [told];
  return [
    `${told}, out of ${considered.length} queue${considered.length === 1 ? '' : 's'}:`,
    ...considered.map(consideredLine),
  ];
};

/** What happened to a job and why. */
export const jobStory = (job: JobView): string[] => [
  ...(job.attempts.length > 0 ? ['', ...attemptLines(job.attempts)] : []),
  ...job.explains.flatMap((explain) => ['', ...explainLines(explain)]),
];

/** Everything that is known of an STF behind its own facts, as wide as the terminal. */
export const traceLines = (trace: Trace, columns: number | undefined): string[] => {
  const { output } = trace;
  return [
    ...eventLines(trace.events, columns),
    ...(trace.isComplete ? [] : ['(there are more events than are shown; see papilio event list --subject)']),
    ...trace.quarantine.flatMap(({ plane, problem, state }) => [
      '',
      `quarantine (${plane}, ${state}): ${problem.code}, ${problem.reason}`,
    ]),
    ...(trace.job ? jobStory(trace.job) : []),
    ...(output
      ? [
          '',
          ...facts([
            ['output', output.name],
            ['is', `${size(output.sizeBytes)}, adler32 ${output.checksumAdler32}, ${output.objectKey}`],
            ['made from', output.provenance.inputs.map(({ name }) => name).join(', ')],
            ['by', `${output.provenance.payload.name} of ${output.provenance.build} at ${output.provenance.facility}`],
            ['execution', output.provenance.executionId],
          ]),
        ]
      : []),
  ];
};
