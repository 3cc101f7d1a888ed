import type { Event } from '#schema/event';
import { decodeEvent, type EventRow } from './chain.ts';
import { headOf, type LogItem, type LogTable, logKeys, rowsOf, seqText, subjectRowOf } from './dynamo-items.ts';

const segmentsPerCall = 20;
const itemsPerCall = 100;
const rowsPerScan = 1000;

/** Reads of a log on its table. */
export const createDynamoReads = (table: LogTable) => {
  /** Rows of a partition after a `seq`, by items that are in the order of their last event. */
  const rowsIn = async (pk: string, afterSeq: number, read: { limit: number; of: (item: LogItem) => EventRow[] }) => {
    const rows: EventRow[] = [];
    const perCall = pk === logKeys.segmentsPk ? segmentsPerCall : itemsPerCall;
    let after = seqText(Math.max(0, afterSeq));
    for (let isMore = true; isMore && rows.length < read.limit; ) {
      const page = await table.page(pk, after, perCall);
      rows.push(...page.items.flatMap(read.of).filter(({ seq }) => seq > afterSeq));
      after = page.items.at(-1)?.sk ?? after;
      isMore = page.isMore;
    }
    return rows.slice(0, read.limit);
  };

  const rowsAfter = (afterSeq: number, limit: number): Promise<EventRow[]> =>
    rowsIn(logKeys.segmentsPk, afterSeq, { limit, of: (item) => [...rowsOf(item)] });

  /** Events of a subject up to one that an earlier papilio sequenced, without an index. */
  const scanned = async (subject: string, afterSeq: number, lastSeq: number): Promise<Event[]> => {
    const found: Event[] = [];
    for (let after = afterSeq; after < lastSeq; ) {
      const rows = await rowsAfter(after, Math.min(rowsPerScan, lastSeq - after));
      found.push(...rows.map(decodeEvent).filter((event) => event.subject === subject));
      const last = rows.at(-1);
      if (last === undefined) break;
      after = last.seq;
    }
    return found;
  };

  /** Events of a subject in order; those from before there was an index are searched for. */
  const ofSubject = async (subject: string, afterSeq: number, limit: number): Promise<Event[]> => {
    const [item] = await table.getMany([logKeys.head]);
    const { seq, subjectsAfter = seq } = headOf(item);
    const old = await scanned(subject, afterSeq, subjectsAfter);
    const pk = logKeys.subjectPk(subject);
    const rows = await rowsIn(pk, Math.max(afterSeq, subjectsAfter), { limit, of: (each) => [subjectRowOf(each)] });
    return [...old, ...rows.map(decodeEvent)].slice(0, limit);
  };

  return { rowsAfter, ofSubject };
};
