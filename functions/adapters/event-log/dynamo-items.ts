import { createHash } from 'node:crypto';
import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { chainStart, type EncodedEvent, type EventRow } from './chain.ts';

/** An item of the log's table: its document is JSON text. */
export type LogItem = { readonly pk: string; readonly sk: string; readonly version: number; readonly doc: string };
type LogKey = Pick<LogItem, 'pk' | 'sk'>;

/** A conditional write of the log's table. */
export type LogWrite =
  | { readonly op: 'put'; readonly ifVersion: number; readonly row: LogKey & Pick<LogItem, 'doc'> }
  | { readonly op: 'delete'; readonly ifVersion: number; readonly row: LogKey };

/** Some items of a partition; `isMore` if there may be others after them. */
export type LogPage = { readonly items: readonly LogItem[]; readonly isMore: boolean };

/** What the log needs of its table: consistent reads, and transactions. */
export type LogTable = {
  readonly getMany: (keys: readonly LogKey[]) => Promise<readonly LogItem[]>;
  /** Items of one partition in the order of their sort keys, after one of them: as many as one answer of DynamoDB holds. */
  readonly page: (pk: string, after: string | undefined, limit: number) => Promise<LogPage>;
  /** False if a condition failed, and nothing was written. */
  readonly commit: (writes: readonly LogWrite[]) => Promise<boolean>;
};

/** Where the log ends, and who may go on: `holder` until `untilMs`, in its `term`. */
const Head = z.object({
  seq: z.int().min(0),
  hash: z.string(),
  holder: z.string(),
  term: z.int().min(0),
  untilMs: z.int().min(0),
  /** The last event that was sequenced before events were indexed by subject; absent in a log of an earlier papilio. */
  subjectsAfter: z.int().min(0).optional(),
});
export type Head = z.infer<typeof Head>;

/** The events of one transaction that have no `seq` yet. */
export type Pending = { readonly sk: string; readonly events: readonly EncodedEvent[] };

const PendingDoc = z.object({ events: z.array(z.object({ id: z.string(), body: z.string() })) });
const Row = z.object({ seq: z.int(), id: z.string(), body: z.string(), hash: z.string() });
const Segment = z.object({ rows: z.array(Row) });

/** Head and what waits lie in one partition, the head first: one query reads both. */
const waitingPk = 'log';
const headSk = '!head';
const segmentsPk = 'events';

const asKey = (name: string): string => (/^[ -~]{1,512}$/.test(name) ? name : `#${sha256(name)}`);

/** Keys of the log's items. */
export const logKeys = {
  waitingPk,
  segmentsPk,
  head: { pk: waitingPk, sk: headSk },
  pending: (sk: string) => ({ pk: waitingPk, sk }),
  /** A segment has the `seq` of its last event: what follows `n` begins in the first segment after `n`. */
  segment: (lastSeq: number) => ({ pk: segmentsPk, sk: seqText(lastSeq) }),
  /** Says that the log holds an event. An id that makes no key, which is nobody's, stands there as its hash. */
  id: (id: string) => ({ pk: `id/${asKey(id)}`, sk: 'id' }),
  /** The partition with all events of a subject, each under its `seq`. */
  subjectPk: (subject: string) => `subject/${asKey(subject)}`,
} as const;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A `seq` as a sort key. */
export const seqText = (seq: number): string => String(seq).padStart(16, '0');

/** The head of a log that holds nothing. */
const emptyHead: Head = { seq: 0, hash: chainStart, holder: '', term: 0, untilMs: 0 };

const parse = <T>(schema: z.ZodType<T>, { pk, sk, doc }: LogItem): T => {
  try {
    return schema.parse(JSON.parse(doc));
  } catch (error) {
    throw new PapilioError('store-unavailable', `the log's item ${pk}/${sk} is not what papilio wrote`, error);
  }
};

/** What a page of the first partition says. */
export const stateOf = (items: readonly LogItem[]): { head: Head; version: number; pending: Pending[] } => {
  const [first] = items;
  const isHead = first?.sk === headSk;
  const pending = (isHead ? items.slice(1) : items).map((item) => ({ sk: item.sk, ...parse(PendingDoc, item) }));
  return { head: isHead ? parse(Head, first) : emptyHead, version: isHead ? first.version : 0, pending };
};

/** The head in its item; of an empty log if there is none. */
export const headOf = (item: LogItem | undefined): Head => (item === undefined ? emptyHead : parse(Head, item));

/** The rows of a segment. */
export const rowsOf = (item: LogItem): readonly EventRow[] => parse(Segment, item).rows;

/** The row of an event in its subject's partition. */
export const subjectRowOf = (item: LogItem): EventRow => parse(Row, item);

/** The write that lays a transaction's events down with it, until they get their `seq`. */
export const pendingWrite = (sk: string, events: readonly EncodedEvent[]): LogWrite => ({
  op: 'put',
  ifVersion: 0,
  row: { ...logKeys.pending(sk), doc: JSON.stringify({ events }) },
});
