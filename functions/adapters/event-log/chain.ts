import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { PapilioError } from '#lib/errors';
import { turn } from '#lib/turn';
import type { ChainCheck, OnPage } from '#ports/event-log';
import type { Event, NewEvent } from '#schema/event';
import { isCorruptSegment } from './segment-corrupt.ts';

const dataLimitBytes = 4096;

/** An event as the log keeps it: `body` is the exact JSON text that the hash covers, without `seq` and `hash`. */
export type EventRow = {
  readonly seq: number;
  readonly id: string;
  readonly body: string;
  readonly hash: string;
  /** Of a row in a file; absent where the medium keeps checksums of its own, null in one of an earlier papilio. */
  readonly checksum?: number | null;
};
export type EncodedEvent = Pick<EventRow, 'id' | 'body'>;

/** The hash before the first event. */
export const chainStart = '0'.repeat(64);

/** `hash` of an event: sha256 over the previous hash (64 hex digits as ASCII) and the stored bytes, in hex. */
export const chainHash = (previousHash: string, body: string): string => hash('sha256', previousHash + body);

/** CRC-32 over all that a row of the log stores: by it a single event is checked without the one before it. */
export const eventChecksum = ({ seq, id, body, hash }: Omit<EventRow, 'checksum'>): number =>
  crc32(`\0${seq}\0${id}\0${hash}`, crc32(body));

/** Serialises an event. @throws store-item-invalid if its data is over 4 kB or its id empty. */
export const encodeEvent = (event: NewEvent): EncodedEvent => {
  if (event.id === '') throw new PapilioError('store-item-invalid', `an event of ${event.subject} has no id`);
  const sizeBytes = Buffer.byteLength(JSON.stringify(event.data));
  if (sizeBytes > dataLimitBytes) {
    throw new PapilioError(
      'store-item-invalid',
      `the data of event ${event.id} has ${sizeBytes} bytes, more than 4,096`,
    );
  }
  return { id: event.id, body: JSON.stringify(event) };
};

/** Looks at the fields that readers branch on; the rest was typed when it was written and is covered by the hash. */
const isEvent = (value: unknown): value is Event =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  typeof value.id === 'string' &&
  'type' in value &&
  typeof value.type === 'string' &&
  'data' in value &&
  typeof value.data === 'object';

const isIntact = (row: EventRow): boolean =>
  row.checksum === undefined || row.checksum === null || row.checksum === eventChecksum(row);

/** The event of a row. @throws record-corrupt for a row that is not as it was written */
export const decodeEvent = (row: EventRow): Event => {
  if (!isIntact(row))
    throw new PapilioError('record-corrupt', `event ${row.seq} (${row.id}) of the log: its checksum differs`);
  const body: unknown = JSON.parse(row.body);
  const event = typeof body === 'object' ? { ...body, seq: row.seq, hash: row.hash } : undefined;
  if (isEvent(event)) return event;
  throw new PapilioError('store-unavailable', `event ${row.seq} of the log is not an event`);
};

/** Where a chain stands. */
export type Link = Pick<EventRow, 'seq' | 'hash'>;

const idIn = (body: string): unknown => {
  try {
    return decodeEvent({ seq: 0, id: '', body, hash: '' }).id;
  } catch {
    return undefined;
  }
};

/** The id in the text of an event; empty if it has none. */
export const idOfBody = (body: string): string => {
  // Texts begin with the id, as papilio writes them: what does not is parsed.
  const [, id] = /^\{"id":"([^"\\]+)"/.exec(body) ?? [];
  return id ?? String(idIn(body) ?? '');
};

/** Why `row` cannot follow `previous`; undefined if it can. */
export const faultOf = (previous: Link, row: EventRow): string | undefined => {
  if (row.seq !== previous.seq + 1) return `event ${previous.seq + 1} is not there; ${row.seq} follows ${previous.seq}`;
  if (chainHash(previous.hash, row.body) !== row.hash) return `event ${row.seq} (${row.id}) does not match its hash`;
  if (!isIntact(row)) return `event ${row.seq} (${row.id}) does not match its checksum`;
  if (idIn(row.body) !== row.id) return `event ${row.seq} is listed under another id (${row.id}) than it has`;
  return undefined;
};

type PageAfter = (seq: number) => readonly EventRow[] | Promise<readonly EventRow[]>;

/** The rows of a page that fit behind a link, and why the next one does not. */
const fittingRows = (page: readonly EventRow[], behind: Link): { fitting: readonly EventRow[]; fault?: string } => {
  let previous = behind;
  for (const [at, row] of page.entries()) {
    const fault = faultOf(previous, row);
    if (fault !== undefined) return { fitting: page.slice(0, at), fault };
    previous = row;
  }
  return { fitting: page };
};

/** A page of a log, or why it cannot be read: its bytes have changed. */
const pageOrFault = async (pageAfter: PageAfter, seq: number): Promise<readonly EventRow[] | string> => {
  try {
    return await pageAfter(seq);
  } catch (thrown) {
    if (isCorruptSegment(thrown)) return thrown.reason;
    throw thrown;
  }
};

/** Follows the chain over the rows behind a link, in order, page by page; names the first event that does not fit. */
export const verifyChain = async (
  pageAfter: PageAfter,
  { behind = { seq: 0, hash: chainStart }, onPage }: { behind?: Link; onPage?: OnPage | undefined } = {},
): Promise<ChainCheck> => {
  let previous = behind;
  for (;;) {
    const page = await pageOrFault(pageAfter, previous.seq);
    if (typeof page === 'string') return { ok: false, seq: previous.seq + 1, reason: page };
    const { fitting, fault } = fittingRows(page, previous);
    previous = fitting.at(-1) ?? previous;
    if (onPage !== undefined && fitting.length > 0) await onPage(fitting.map(decodeEvent));
    if (fault !== undefined) return { ok: false, seq: previous.seq + 1, reason: fault };
    if (page.length === 0) return { ok: true, events: previous.seq };
    // Lets the loop turn between pages: a log of millions is read while others are served.
    await turn();
  }
};
