import { dirname, join } from 'node:path';
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { PapilioError } from '#lib/errors';
import type { OnPage, SubjectQuery } from '#ports/event-log';
import type { Event } from '#schema/event';
import { chainStart, decodeEvent, type EventRow, type Link, verifyChain } from './chain.ts';
import { checkSegments } from './segment-check.ts';
import { createManifest, type Manifest } from './segment-manifest.ts';
import { createSegmentReads } from './segment-reads.ts';

const pageRows = 1000;

/** The folder of sealed segments beside a store's file. */
export const segmentFolderOf = (storePath: string): string => join(dirname(storePath), 'segments');

const rowOf = (found: Readonly<Record<string, SQLOutputValue>>): EventRow => ({
  seq: Number(found.seq),
  id: String(found.id),
  body: String(found.body),
  hash: String(found.hash),
  checksum: typeof found.checksum === 'number' ? found.checksum : null,
});

/** Columns of a row; a file of an earlier papilio that nobody has opened for writing yet has no checksums. */
const columnsOf = (db: DatabaseSync): string => {
  const found = db.prepare("SELECT 1 FROM pragma_table_info('events') WHERE name = 'checksum'").get();
  return `seq, id, body, hash, ${found === undefined ? 'NULL AS checksum' : 'checksum'}`;
};

/** Reads of the events that are in rows. */
export const createRowReads = (db: DatabaseSync) => {
  const columns = columnsOf(db);
  const first = db.prepare('SELECT min(seq) AS seq FROM events');
  const last = db.prepare('SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1');
  const read = db.prepare(`SELECT ${columns} FROM events WHERE seq > ? ORDER BY seq LIMIT ?`);
  // An id begins with its subject and `_`; the grave accent follows `_`. The index on ids holds the numbers too, and the
  // plus signs keep SQLite from going through all rows in the order of their numbers instead.
  const ofSubject = db.prepare(
    `SELECT ${columns} FROM events WHERE seq IN
       (SELECT seq FROM events WHERE id >= ? AND id < ? AND +seq > ? ORDER BY +seq LIMIT ?) ORDER BY seq`,
  );
  return {
    first: (): number | undefined => {
      const seq = first.get()?.seq;
      return seq === undefined || seq === null ? undefined : Number(seq);
    },
    last: (): Link | undefined => {
      const found = last.get();
      return found === undefined ? undefined : { seq: Number(found.seq), hash: String(found.hash) };
    },
    after: (seq: number, limit: number): EventRow[] => read.all(seq, limit).map(rowOf),
    ofSubject: (subject: string, afterSeq: number, limit: number): EventRow[] =>
      ofSubject.all(`${subject}_`, `${subject}\``, afterSeq, limit).map(rowOf),
  };
};

const checkWhole = (afterSeq: number, limit: number): void => {
  if (Number.isSafeInteger(afterSeq) && Number.isSafeInteger(limit) && limit >= 0) return;
  throw new PapilioError('input-invalid', `after ${afterSeq}, limit ${limit}: both are whole numbers`);
};

type Verified = {
  readonly page: (afterSeq: number, limit: number) => EventRow[];
  readonly manifest: Manifest;
  readonly folder: string;
};

const createVerifiers = ({ page, manifest, folder }: Verified) => {
  const linkAt = (seq: number): Link => {
    const [row] = page(seq - 1, 1);
    return row?.seq === seq ? row : { seq, hash: chainStart };
  };

  /** Follows the chain of the events in rows, from the end of the segments or from a later event. */
  const verifyRows = (afterSeq = 0) => {
    const sealed = manifest.end();
    return verifyChain((seq) => page(seq, pageRows), { behind: afterSeq > sealed.seq ? linkAt(afterSeq) : sealed });
  };

  /** Reads every segment, and follows the chain through them to the last row. */
  const verify = async (onPage?: OnPage) => {
    if (onPage !== undefined) return verifyChain((seq) => page(seq, pageRows), { onPage });
    const [fault] = await checkSegments({ manifest, folder, isDeep: true, mostFaults: 1 });
    return fault === undefined ? verifyRows() : { ok: false as const, ...fault };
  };

  return { verify, verifyRows };
};

/** Reads of the log on a connection of the serving thread, across rows and segments. */
export const createLogReader = (db: DatabaseSync, folder: string) => {
  const rows = createRowReads(db);
  const manifest = createManifest(db);
  const segments = createSegmentReads(manifest, folder);

  const headLink = (): Link => rows.last() ?? manifest.end();

  /** Rows that continue at the next event; undefined if it is not among the rows any more. */
  const rowsFrom = (seq: number, limit: number): EventRow[] | undefined => {
    const first = rows.first();
    if (first === undefined || first > seq + 1) return undefined;
    const found = rows.after(seq, limit);
    // Between the two statements another process may have dropped rows that it sealed.
    return found.length === 0 || found[0]?.seq === seq + 1 ? found : undefined;
  };

  // An event leaves the rows after the commit that names its segment: what is not in rows is in a segment that is read
  // afterwards. So nothing is missed or doubled, without a transaction over both.
  const page = (afterSeq: number, limit: number): EventRow[] => {
    const taken: EventRow[] = [];
    for (let after = Math.max(0, afterSeq); taken.length < limit; after = taken.at(-1)?.seq ?? after) {
      const wanted = limit - taken.length;
      const inRows = rowsFrom(after, wanted);
      const found = inRows ?? segments.rowsAfter(after, wanted) ?? rows.after(after, wanted);
      taken.push(...found);
      if (inRows !== undefined || found.length === 0) break;
    }
    return taken;
  };

  const read = (afterSeq: number, limit = pageRows): Event[] => {
    checkWhole(afterSeq, limit);
    return page(afterSeq, limit).map(decodeEvent);
  };

  const ofSubject = ({ subject, afterSeq = 0, limit = pageRows }: SubjectQuery): Event[] => {
    checkWhole(afterSeq, limit);
    const inRows = subjectRows(subject, afterSeq, limit);
    const sealed = segments.ofSubject(subject, afterSeq, limit);
    const bySeq = new Map([...sealed, ...inRows].map((row) => [row.seq, row]));
    const inOrder = [...bySeq.values()].sort((a, b) => a.seq - b.seq);
    return inOrder.slice(0, limit).map(decodeEvent);
  };

  /** Rows of a subject; those of another whose name goes on with `_` are passed over. */
  const subjectRows = (subject: string, afterSeq: number, limit: number): EventRow[] => {
    const kept: EventRow[] = [];
    for (let after = afterSeq; kept.length < limit; ) {
      const found = rows.ofSubject(subject, after, limit);
      kept.push(...found.filter(({ body }) => JSON.parse(body).subject === subject));
      if (found.length < limit) break;
      after = found.at(-1)?.seq ?? after;
    }
    return kept.slice(0, limit);
  };

  return {
    ...{ head: () => headLink().seq, read, ofSubject, manifest, close: segments.close },
    ...createVerifiers({ page, manifest, folder }),
  };
};
