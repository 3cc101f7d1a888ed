import { crc32 } from 'node:zlib';
import { PapilioError } from '#lib/errors';
import type { Disk } from '#ports/disk';
import { type EventRow, faultOf, type Link } from './chain.ts';
import { compareEntries, createPager, type HashEntry, subjectHash } from './hash-pages.ts';
import { type Finished, startFile } from './sealed-file.ts';
import { type Block, encodeBlock, eventsPerBlock, type SegmentFooter } from './segment-format.ts';

/** Hash ranges that are sorted one by one, so that no turn of the loop is long. */
const ranges = 64;
const hashSpace = 2 ** 48;

/** What a segment is made of. */
export type SegmentOrder = {
  readonly disk: Disk;
  /** The file that is written, renamed by the caller. */
  readonly path: string;
  /** The event before its first. */
  readonly previous: Link;
  readonly maxEvents: number;
  /** Length of the events' texts at which a segment ends before it has all events. */
  readonly maxBytes: number;
  readonly rowsAfter: (seq: number, limit: number) => readonly EventRow[];
  /** Lets others have the thread; rejects when the work is to end. */
  readonly turn: () => Promise<void>;
};

/** A finished segment, not named in the manifest yet. */
export type Built = Finished & Pick<SegmentFooter, 'first' | 'last' | 'previousHash' | 'hash'>;

const factsOf = (body: string): { subject: string; time: string } => {
  const { subject, time } = JSON.parse(body);
  return { subject: String(subject), time: String(time) };
};

/** @throws store-unavailable for a row that does not continue the chain: it is never sealed */
const checkRow = (previous: Link, row: EventRow): void => {
  const fault = faultOf(previous, row) ?? (row.body.includes('\n') ? `event ${row.seq} has a line break` : undefined);
  if (fault !== undefined) throw new PapilioError('store-unavailable', `the log cannot be sealed: ${fault}`);
};

/** Blocks of a segment as they are written, with their subjects. */
const createBlocks = ({ previous, rowsAfter }: SegmentOrder, append: (bytes: Buffer) => Promise<number>) => {
  const blocks: Block[] = [];
  const subjects = Array.from({ length: ranges }, (): HashEntry[] => []);
  const times: string[] = [];
  const first = previous.seq + 1;
  let link: Link = previous;
  let textBytes = 0;

  /** Checks and writes the next block of up to `limit` events; returns how many it has. */
  const next = async (limit: number): Promise<number> => {
    const rows = rowsAfter(link.seq, limit);
    const before = link;
    for (const row of rows) {
      checkRow(link, row);
      const { subject, time } = factsOf(row.body);
      const hash = subjectHash(subject);
      subjects[Math.floor((hash / hashSpace) * ranges)]?.push({ hash, value: row.seq - first });
      if (row.seq === first) times[0] = time;
      times[1] = time;
      textBytes += row.body.length;
      link = row;
    }
    if (rows.length === 0) return 0;
    const bytes = encodeBlock(rows);
    const offset = await append(bytes);
    const { seq } = before;
    blocks.push({ first: seq + 1, offset, bytes: bytes.length, crc32: crc32(bytes), previousHash: before.hash });
    return rows.length;
  };

  return { next, blocks, subjects, times, textBytes: () => textBytes, link: () => link };
};

/** Writes a segment of the events after a link, a block a turn of the loop, and syncs it. */
export const buildSegment = async (order: SegmentOrder): Promise<Built> => {
  const { disk, path, previous, maxEvents, maxBytes, turn } = order;
  const writer = await startFile(disk, path, 'PPLOSEG1');
  try {
    const made = createBlocks(order, writer.append);
    for (let events = 0; events < maxEvents && made.textBytes() < maxBytes; ) {
      const count = await made.next(Math.min(eventsPerBlock, maxEvents - events));
      if (count === 0) break;
      events += count;
      await turn();
    }
    const last = made.blocks.at(-1);
    const offset = last === undefined ? 0 : last.offset + last.bytes;
    const pager = createPager(writer.append);
    for (const range of made.subjects) {
      await pager.put(range.sort(compareEntries));
      await turn();
    }
    const { seq, hash } = made.link();
    const [firstAt = '', lastAt = ''] = made.times;
    const named = { first: previous.seq + 1, last: seq, previousHash: previous.hash, hash };
    const subjects = { offset, entries: await pager.end() };
    const footer: SegmentFooter = { format: 1, ...named, firstAt, lastAt, blocks: made.blocks, subjects };
    return { ...named, ...(await writer.finish(footer)) };
  } catch (thrown) {
    await writer.abandon().catch(() => undefined);
    throw thrown;
  }
};
