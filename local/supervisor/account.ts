import type { Summary } from '#schema/status';

/** Counts of one run that a recording names. */
export type RunCounts = Pick<Summary, 'stfs' | 'messages'> & {
  readonly run: number;
  /** Number of STFs that `end_run` announced, once it was received. */
  readonly totalStfs?: number | undefined;
};

/** Messages of a recording that name no run, because they cannot be read. */
export type UnreadCounts = { readonly lines: number; readonly distinct: number; readonly held: number };

/** Kinds of reasons why a replay did not end with everything archived and processed. */
export type ShortfallKind =
  | 'nothing-announced'
  | 'stfs-missing'
  | 'stfs-not-archived'
  | 'stfs-failed'
  | 'stfs-not-processed'
  | 'messages-held'
  | 'messages-unread';

/** One reason: of one run, or of the messages that name none. */
export type Shortfall = {
  readonly kind: ShortfallKind;
  readonly run?: number;
  readonly count: number;
  readonly what: string;
};

/** Account of a replay: a summary, and every reason why it is not whole. */
export type Account = Summary & {
  /** True if everything that was announced is archived and processed, and no message is held. */
  readonly isWhole: boolean;
  /** STFs that `end_run` announced and no message named. */
  readonly missing: number;
  readonly shortfalls: readonly Shortfall[];
  /** All reasons, those beyond the listed ones included. */
  readonly shortfallCount: number;
};

/** Reasons that are listed; all of them are counted. */
const listed = 100;

const stfs = (count: number): string => `${count} ${count === 1 ? 'STF' : 'STFs'}`;
const messages = (count: number): string => `${count} ${count === 1 ? 'message' : 'messages'}`;

const missingIn = ({ totalStfs = 0, stfs: { seen } }: RunCounts): number => Math.max(0, totalStfs - seen);

/** Shortfalls of one run, each with a count above zero. */
const shortfallsOf = (counts: RunCounts): Shortfall[] => {
  const { run, stfs: s, messages: m } = counts;
  const rows: readonly (readonly [ShortfallKind, number, (count: number) => string])[] = [
    [
      'stfs-missing',
      missingIn(counts),
      (n) => `${stfs(n)} of the ${counts.totalStfs} that end_run announced were never received`,
    ],
    ['stfs-not-archived', Math.max(0, s.seen - s.archived), (n) => `${stfs(n)} announced and not archived`],
    ['stfs-failed', s.failed, (n) => `processing of ${stfs(n)} failed`],
    ['stfs-not-processed', Math.max(0, s.seen - s.processed - s.failed), (n) => `${stfs(n)} not processed`],
    ['messages-held', m.quarantined, (n) => `${messages(n)} held in quarantine`],
  ];
  return rows.flatMap(([kind, count, text]) =>
    count === 0 ? [] : [{ kind, run, count, what: `run ${run}: ${text(count)}` }],
  );
};

const unreadShortfall = ({ held }: UnreadCounts): Shortfall[] =>
  held === 0
    ? []
    : [{ kind: 'messages-unread', count: held, what: `${messages(held)} could not be read and held in quarantine` }];

/** Joins the counts of a recording's runs and of its unreadable messages to a summary of them. */
export const accountOf = (
  summary: Summary,
  { runs, unread }: { readonly runs: readonly RunCounts[]; readonly unread: UnreadCounts },
): Account => {
  const found = [...runs.flatMap(shortfallsOf), ...unreadShortfall(unread)];
  const isEmpty = runs.every((run) => run.stfs.seen === 0) && found.length === 0;
  const shortfalls: readonly Shortfall[] = isEmpty
    ? [{ kind: 'nothing-announced', count: 0, what: 'the recording announces no STF' }]
    : found;
  const { seen, duplicate, quarantined } = summary.messages;
  // Counts of everything hold the unreadable messages already; those of one run do not.
  const isOfOneRun = summary.run !== null;
  return {
    ...summary,
    messages: isOfOneRun
      ? {
          seen: seen + unread.lines,
          duplicate: duplicate + unread.lines - unread.distinct,
          quarantined: quarantined + unread.held,
        }
      : summary.messages,
    isWhole: shortfalls.length === 0,
    missing: runs.reduce((sum, run) => sum + missingIn(run), 0),
    shortfalls: shortfalls.slice(0, listed),
    shortfallCount: shortfalls.length,
  };
};

const span = (ms: number | null): string => (ms === null ? '–' : `${Math.round(ms)} ms`);

/** A summary for a person; of a replay that is not whole, with every listed reason. */
export const inWords = (summary: Summary & Partial<Pick<Account, 'shortfalls' | 'shortfallCount'>>): string => {
  const { run, stfs: s, messages: m, latencyMs, outputs, outputCount, shortfalls = [], shortfallCount = 0 } = summary;
  const more = shortfallCount - shortfalls.length;
  return [
    `${run === null ? 'all runs' : `run ${run}`}: ${s.seen} STFs seen, ${s.archived} archived, ${s.processed} processed, ` +
      `${s.failed} failed, ${s.quarantined} quarantined`,
    `messages: ${m.seen} seen, ${m.duplicate} duplicate, ${m.quarantined} quarantined`,
    `latency from message to registered output: p50 ${span(latencyMs.p50)}, p99 ${span(latencyMs.p99)}`,
    `outputs: ${outputCount ?? outputs.length}`,
    ...shortfalls.map(({ what }) => `incomplete: ${what}`),
    ...(more > 0 ? [`incomplete: ${more} more reasons`] : []),
  ].join('\n');
};
