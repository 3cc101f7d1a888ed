import * as z from 'zod';

/**
 * What of a record belongs to the moment in which it was made and not to what was played: two papilios that played the
 * same recording differ in it, wherever they keep their records. Everything else has to be equal.
 */
type Moment = {
  readonly noun: string;
  /** Of which records; all by default. */
  readonly keys?: RegExp;
  /** Names with points between; `[]` is every element of a list. */
  readonly paths: readonly string[];
  readonly why: string;
};

/** Fields that are left out of a comparison. */
export const moments: readonly Moment[] = [
  {
    noun: 'message',
    paths: ['receivedAt', 'sendings'],
    why: 'when it came, and the ids under which the bridge sent it',
  },
  { noun: 'replica', paths: ['receivedAt', 'archivedAt'], why: 'when it came and was archived' },
  { noun: 'stf', paths: ['receivedAt', 'settledAt'], why: 'when it came and was processed' },
  { noun: 'timeline', paths: ['steps.[].receivedAt'], why: 'when each message came' },
  { noun: 'sightings', paths: ['latest.[].receivedAt'], why: 'when the STF came' },
  {
    noun: 'recent-runs',
    paths: ['runs.[].detector.receivedAt', 'runs.[].runControl.receivedAt'],
    why: 'when the message came that says it',
  },
  { noun: 'facet', paths: ['receivedAt', 'eventAt'], why: 'when it was told, or concluded from silence' },
  {
    noun: 'facet',
    paths: ['revision', 'previousValue', 'type'],
    why: 'messages that come at once, in any order, make fewer or more changes and corrections of the same end',
  },
  {
    noun: 'facet',
    keys: /_(stream|processing)$/,
    paths: ['value', 'reason'],
    why: 'the stream counts as silent some seconds after its last STF, which suspends processing: whether that was before the end',
  },
  {
    noun: 'job',
    paths: ['createdAt', 'settledAt', 'attempts.[].submittingAt', 'attempts.[].submittedAt'],
    why: 'when it was made, handed over and settled',
  },
  { noun: 'job', paths: ['attempts.[].handle'], why: 'the process of the payload' },
  {
    noun: 'job',
    paths: [
      ...['startedAt', 'endedAt', 'cpuUserS', 'cpuSystemS', 'memoryPeakMb'].map((name) => `attempts.[].end.${name}`),
    ],
    why: 'what the payload took on this machine',
  },
  { noun: 'explain', paths: ['decidedAt'], why: 'when the broker decided' },
  { noun: 'audit-cover', paths: ['doneAt'], why: 'when the audit lines of an earlier papilio were covered' },
  { noun: 'output', paths: ['registeredAt'], why: 'when it was registered' },
  { noun: 'progress', paths: ['lastStfAt', 'lastSettledAt'], why: 'when the latest STF came, and was settled' },
  { noun: 'progress', paths: ['waiter'], why: 'the token of the execution that waited for the run' },
];

/** Records that are left out as a whole. */
type Momentary = { readonly noun: string; readonly doc?: z.ZodType; readonly why: string };

const momentary: readonly Momentary[] = [
  { noun: 'facet-revision', why: 'one for each change of a facet: see its revision' },
  { noun: 'scrub', why: 'how far the planes have come with reading everything again' },
  {
    noun: 'explain',
    doc: z.object({ chosen: z.literal('none') }),
    why: 'why a job waited: for its file, if it was catalogued before that was archived, or for a slot',
  },
  { noun: 'stf-shelving', why: 'how far SQLite has come with an index that DynamoDB makes by itself' },
  { noun: 'execution-log', why: 'a position in the journal of the engine, which a stack does not have' },
  { noun: 'usage', why: 'requests to the interface, most of them by who waits for the end' },
  { noun: 'usage-batch', why: 'the same, as they were counted' },
  {
    noun: 'quarantine',
    doc: z.object({ state: z.literal('released'), problem: z.object({ code: z.literal('state-transition-illegal') }) }),
    why: 'a message that came before the one that it follows waits here until that one has come; queues promise no order',
  },
];

/** Whether a record is there or not as it happens to come. */
export const isMomentary = (noun: string, doc: unknown): boolean =>
  momentary.some((one) => one.noun === noun && (one.doc?.safeParse(doc).success ?? true));

/** A copy of a value without what lies at a path. */
export const without = (value: unknown, [first, ...rest]: readonly string[]): unknown => {
  if (first === undefined || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return first === '[]' ? value.map((each) => without(each, rest)) : value;
  const kept = Object.entries(value).flatMap(([name, each]) => {
    if (name !== first) return [[name, each] as const];
    return rest.length === 0 ? [] : [[name, without(each, rest)] as const];
  });
  return Object.fromEntries(kept);
};

/** A record as it is compared. */
export const lasting = (noun: string, key: string, doc: unknown): unknown =>
  moments
    .filter((moment) => moment.noun === noun && (moment.keys?.test(key) ?? true))
    .flatMap(({ paths }) => paths)
    .reduce((left, path) => without(left, path.split('.')), doc);
