import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { PapilioError } from '#lib/errors';
import type { Event } from '#schema/event';
import { chainStart, decodeEvent, type EventRow, type Link, verifyChain } from './chain.ts';

const pageRows = 1000;

const rowOf = (found: Readonly<Record<string, SQLOutputValue>>): EventRow => ({
  seq: Number(found.seq),
  id: String(found.id),
  body: String(found.body),
  hash: String(found.hash),
  checksum: typeof found.checksum === 'number' ? found.checksum : null,
});

/** Columns of a row; a file of an earlier papilio that is not opened for writing yet has no checksums. */
const columnsOf = (db: DatabaseSync): string => {
  const found = db.prepare("SELECT 1 FROM pragma_table_info('events') WHERE name = 'checksum'").get();
  return `seq, id, body, hash, ${found === undefined ? 'NULL AS checksum' : 'checksum'}`;
};

/** Reads of the log on a connection of the serving thread. */
export const createLogReader = (db: DatabaseSync) => {
  const headStatement = db.prepare('SELECT max(seq) AS seq FROM events');
  const readStatement = db.prepare(`SELECT ${columnsOf(db)} FROM events WHERE seq > ? ORDER BY seq LIMIT ?`);

  const head = (): number => Number(headStatement.get()?.seq ?? 0);

  const page = (afterSeq: number, limit: number): EventRow[] => readStatement.all(afterSeq, limit).map(rowOf);

  const read = (afterSeq: number, limit = pageRows): Event[] => {
    if (Number.isSafeInteger(afterSeq) && Number.isSafeInteger(limit) && limit >= 0)
      return page(afterSeq, limit).map(decodeEvent);
    throw new PapilioError('input-invalid', `after ${afterSeq}, limit ${limit}: both are whole numbers`);
  };

  const linkAt = (seq: number): Link => {
    const [row] = page(seq - 1, 1);
    return row?.seq === seq ? row : { seq, hash: chainStart };
  };

  /** Follows the chain behind an event; from the beginning unless told. */
  const verify = (afterSeq = 0) =>
    verifyChain((seq) => page(seq, pageRows), afterSeq === 0 ? undefined : linkAt(afterSeq));

  return { head, read, verify };
};
