import * as z from 'zod';
import { PapilioError } from './errors.ts';
import { runKey, sequenceKey } from './model/ids.ts';
import { orderOf } from './model/job-order.ts';
import { quarantineOrder } from './model/quarantine-order.ts';
import { stfShelf } from './model/stf-order.ts';
import type { IndexKey, IndexName, Item, Page, Put, Query, Store, Write } from './ports/store.ts';
import { Explain, PlacementRequest } from './schema/assignment.ts';
import { AuditLine } from './schema/audit.ts';
import { Bundle } from './schema/bundle.ts';
import { CommandRecord, CommandStart } from './schema/command.ts';
import { Damage, ScrubState } from './schema/damage.ts';
import { MessageRecord } from './schema/daq-message.ts';
import { Timeline } from './schema/detector-state.ts';
import { ExecutionLog } from './schema/execution-log.ts';
import { FacetRevision } from './schema/facet.ts';
import { Facility } from './schema/facility.ts';
import { Job } from './schema/job.ts';
import { KnownBxPerTf, RunNumbering } from './schema/numbering.ts';
import { Output } from './schema/output.ts';
import { Quarantine } from './schema/quarantine.ts';
import { RecentRuns } from './schema/recent-runs.ts';
import { Run, RunProgress, StfRun } from './schema/run.ts';
import { PeriodNode, RunPeriod } from './schema/run-period.ts';
import { Sightings } from './schema/sighting.ts';
import { Replica, Stf } from './schema/stf.ts';
import { RunCoverage, TfSegment } from './schema/tf-index.ts';
import { Token, TokenUse } from './schema/token.ts';
import { Unarchived } from './schema/unarchived.ts';
import { UsageBatch, UsageDay } from './schema/usage.ts';
import { turn } from './turn.ts';
import { rememberUnknown, withUnknown } from './unknown-fields.ts';

type Doc = Readonly<Record<string, unknown>>;
type Indexes = Readonly<Partial<Record<IndexName, IndexKey>>>;

/** A record as it was read: `version` is what a later write is conditional on. */
export type Stored<T> = { readonly doc: T; readonly version: number };

/** One kind of record: its sort key, schema and places in indexes. A subject's records share its id as partition key. */
export type Collection<T extends Doc> = {
  readonly name: string;
  readonly get: (store: Store, id: string) => Promise<Stored<T> | undefined>;
  /** @throws record-missing */
  readonly need: (store: Store, id: string) => Promise<Stored<T>>;
  readonly getMany: (store: Store, ids: readonly string[]) => Promise<(Stored<T> | undefined)[]>;
  /** A page of an index, oldest first; index reads may lag. */
  readonly list: (
    store: Store,
    index: IndexName,
    pk: string,
    page?: Omit<Query, 'index' | 'pk'>,
  ) => Promise<{ items: Stored<T>[]; next?: string }>;
  /** All records of an index, page by page. */
  readonly every: (store: Store, index: IndexName, pk: string) => AsyncIterable<Stored<T>>;
  readonly put: (id: string, doc: T, ifVersion: number) => Put;
  /** Unconditional, any number, not atomic: only for what has no event. */
  readonly putMany: (store: Store, docs: readonly (readonly [string, T])[]) => Promise<void>;
  readonly check: (id: string, ifVersion: number) => Write;
  readonly delete: (id: string, ifVersion: number) => Write;
};

const placesOf = new Map<string, (doc: unknown) => Indexes | undefined>();

/** A record's places in indexes as its kind gives them today; undefined if it is of no kind, or not what its kind reads. */
export const indexesOfRecord = ({ sk, doc }: Pick<Item, 'sk' | 'doc'>): Indexes | undefined => placesOf.get(sk)?.(doc);

const collection = <S extends z.ZodType<Doc>>(
  name: string,
  schema: S,
  indexesOf: (doc: z.output<S>) => Indexes = () => ({}),
): Collection<z.output<S>> => {
  type T = z.output<S>;
  const read = (item: Item): Stored<T> => {
    const doc = schema.parse(item.doc);
    rememberUnknown(item.doc, doc);
    return { doc, version: item.version };
  };
  const key = (id: string) => ({ pk: id, sk: name });
  placesOf.set(name, (doc) => {
    const { data } = schema.safeParse(doc);
    return data === undefined ? undefined : indexesOf(data);
  });
  const get = async (store: Store, id: string) => {
    const item = await store.get(key(id));
    return item && read(item);
  };
  const list: Collection<T>['list'] = async (store, index, pk, page = {}) => {
    const found: Page = await store.query({ ...page, index, pk });
    return { items: found.items.map(read), ...(found.next === undefined ? {} : { next: found.next }) };
  };
  return {
    name,
    get,
    need: async (store, id) => {
      const found = await get(store, id);
      if (!found) throw new PapilioError('record-missing', `${name} ${id}`);
      return found;
    },
    getMany: async (store, ids) => (await store.getMany(ids.map(key))).map((item) => item && read(item)),
    list,
    every: async function* (store, index, pk) {
      let cursor: string | undefined;
      do {
        const page = await list(store, index, pk, { limit: 1000, ...(cursor === undefined ? {} : { cursor }) });
        yield* page.items;
        cursor = page.next;
        // A store that answers at once would hold up the loop for as long as there are pages.
        if (cursor !== undefined) await turn();
      } while (cursor !== undefined);
    },
    put: (id, doc, ifVersion) => ({ op: 'put', ...key(id), ifVersion, doc: withUnknown(doc), indexes: indexesOf(doc) }),
    putMany: (store, docs) =>
      store.putMany(docs.map(([id, doc]) => ({ ...key(id), doc: withUnknown(doc), indexes: indexesOf(doc) }))),
    check: (id, ifVersion) => ({ op: 'check', ...key(id), ifVersion }),
    delete: (id, ifVersion) => ({ op: 'delete', ...key(id), ifVersion }),
  };
};

/** A token that waits to be answered: written with the decision, gone when the answer is known to have arrived. */
export const OutboxRow = z.object({
  id: z.string(),
  token: z.string(),
  /** The execution that waits, of a placement: it may have been stopped. */
  executionId: z.string().optional(),
  answer: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('success'), output: z.record(z.string(), z.unknown()) }),
    z.object({ kind: z.literal('failure'), error: z.string(), cause: z.string() }),
  ]),
});
export type OutboxRow = z.infer<typeof OutboxRow>;

export const executionLogs = collection('execution-log', ExecutionLog);
export const messages = collection('message', MessageRecord);
export const replicas = collection('replica', Replica, (r) => ({
  i1: { pk: `${r.runId}#replicas`, sk: sequenceKey(r.sequence) },
}));
/** STFs whose announced file the archive could not take; gone when a sound one is archived. */
export const unarchived = collection('unarchived', Unarchived);
/** `i2` has the waiting and the failed ones of all runs, so that a list of them reads no others. */
export const stfs = collection('stf', Stf, (s) => ({
  i1: { pk: `${s.runId}#stfs`, sk: sequenceKey(s.sequence) },
  ...stfShelf(s),
}));
/** Runs with at least one catalogued STF, announced or not; `i1` has them by number. */
export const stfRuns = collection('stf-run', StfRun, (r) => ({ i1: { pk: 'stf-runs', sk: runKey(r.run) } }));
export const runs = collection('run', Run, (r) => ({
  i1: { pk: 'runs', sk: runKey(r.run) },
  ...(r.startedAt === undefined ? {} : { i2: { pk: 'runs-by-start', sk: `${r.startedAt}#${runKey(r.run)}` } }),
}));
export const periods = collection('period', RunPeriod, (p) => ({ i1: { pk: 'periods', sk: p.name } }));
/** Where a period is looked for: by run, by time and by configuration. */
export const periodNodes = collection('period-node', PeriodNode);
export const timelines = collection('timeline', Timeline);
/** What the facets of the detector follow from: one record each an instance. */
export const recentRuns = collection('recent-runs', RecentRuns);
export const sightings = collection('sightings', Sightings);
/** The latest revision of each facet: the record's version is the revision's number. */
export const facets = collection('facet', FacetRevision);
/** Every revision of every facet, written once; `i1` has a facet's revisions in order. */
export const facetRevisions = collection('facet-revision', FacetRevision, (r) => ({
  i1: { pk: `facet#${r.facet}`, sk: sequenceKey(r.revision) },
}));
export const commands = collection('command', CommandRecord, (c) => ({
  i1: { pk: 'commands', sk: `${c.endedAt}#${c.id}` },
}));
export const commandStarts = collection('command-start', CommandStart);
/** Whether the lines of the audit log that earlier versions wrote are covered by events. */
export const auditCovers = collection('audit-cover', z.object({ doneAt: z.iso.datetime() }));
/** Acts that the front refused, or did itself; `i1` has them by time. */
export const audits = collection('audit', AuditLine, (a) => ({ i1: { pk: 'audit', sk: `${a.at}#${a.id}` } }));
/** `i1` has all tokens by the time they were made, `i2` those of an owner. */
export const tokens = collection('token', Token, (t) => ({
  i1: { pk: 'tokens', sk: `${t.createdAt}#${t.id}` },
  i2: { pk: `tokens-of#${t.owner}`, sk: `${t.createdAt}#${t.id}` },
}));
export const tokenUses = collection('token-use', TokenUse);
/** How the interface was used, a record a day for each way of asking; `i1` has them by day. */
export const usageDays = collection('usage', UsageDay, (u) => ({ i1: { pk: 'usage', sk: `${u.day}#${u.id}` } }));
export const usageBatches = collection('usage-batch', UsageBatch);
/** Where TFs are: 2^14 TFs a record, found by its name. */
export const tfSegments = collection('tf-segment', TfSegment);
/** What of a block of a run's TFs is there; the record of block 0 has the run's id. */
export const coverages = collection('coverage', RunCoverage);
/** Whether records of earlier versions have their places in the index of STFs. */
export const stfShelvings = collection('stf-shelving', z.object({ doneAt: z.iso.datetime() }));
/** How a run's files number their TFs and BXs. */
export const numberings = collection('numbering', RunNumbering);
/** One record an instance. */
export const knownBxPerTf = collection('bx-per-tf', KnownBxPerTf);
/** Where `i1` has every run's progress by the time of its latest STF. */
export const newestStf = 'newest-stf';
export const progresses = collection('progress', RunProgress, (p) =>
  p.lastStfAt === undefined ? {} : { i1: { pk: newestStf, sk: p.lastStfAt } },
);
export const quarantines = collection('quarantine', Quarantine, quarantineOrder);
/** Key of `i1` that lists the outputs of a run: those that are current, or those that a later pass has superseded. */
export const outputsOfRun = (runId: string, isSuperseded = false): string =>
  `${runId}#outputs${isSuperseded ? '-superseded' : ''}`;
export const outputs = collection('output', Output, (o) => ({
  i1: { pk: outputsOfRun(o.runId, o.supersededBy !== undefined), sk: o.id },
}));
/** `i1` has those that are open, oldest first. */
export const damages = collection('damage', Damage, (d) =>
  d.state === 'open' ? { i1: { pk: 'damages', sk: `${d.foundAt}#${d.id}` } } : {},
);
/** How far the scrubber of a plane has come. */
export const scrubs = collection('scrub', ScrubState);
/** Placement requests that the broker has taken and not yet assigned. */
export const placements = collection('placement', PlacementRequest, (p) => ({ i1: { pk: 'placements', sk: p.jobId } }));
/** Handed over and not yet answered: gone when the token is. */
export const bundles = collection('bundle', Bundle, (b) => ({ i1: { pk: 'bundles', sk: `${b.facility}#${b.id}` } }));
export const explains = collection('explain', Explain);
export const facilities = collection('facility', Facility, (f) => ({ i1: { pk: 'facilities', sk: f.name } }));
export const outbox = collection('outbox', OutboxRow, (r) => ({ i1: { pk: 'outbox', sk: r.id } }));
/** `i2` has all by how they stand, `open-jobs` first of all, so that a restart finds those without reading all. */
export const jobs = collection('job', Job, (j) => ({
  i1: { pk: `${j.runId}#jobs`, sk: j.id },
  i2: orderOf(j),
}));
