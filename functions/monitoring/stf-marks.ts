import * as z from 'zod';
import { StfCounts } from '#schema/status';

/**
 * What is known of an STF, one bit each. `cancelled`: it failed because a person cancelled its job. `notStored`: it is
 * announced, and the archive plane holds it instead of storing it.
 */
export const mark = {
  ...{ seen: 1, archived: 2, processed: 4, failed: 8 },
  ...{ quarantined: 16, cancelled: 32, notStored: 64 },
} as const;
export type Mark = keyof typeof mark;
export type Counts = Record<Mark, number>;

const count = z.int().min(0);
/** Counts as they were saved; earlier builds did not count the last two. */
export const SavedCounts = StfCounts.extend({ cancelled: count.default(0), notStored: count.default(0) });

/** Counts as figures show them. */
export const shownCounts = ({ cancelled: _, notStored, ...counts }: Counts): StfCounts =>
  notStored === 0 ? counts : { ...counts, notStored };

const pageSize = 1024;
/** How nearly every STF ends: its page needs no byte for each of them. */
const done = mark.seen | mark.archived | mark.processed;

/** Bits and how many STFs in a row have them, in turn, for each page: `[[0, [7, 1024]], [1, [7, 12, 0, 1012]]]`. */
export const SavedMarks = z.object({
  counts: SavedCounts,
  pages: z.array(z.tuple([z.int().min(0), z.array(z.int().min(0))])),
});
export type SavedMarks = z.infer<typeof SavedMarks>;

/** Marks of the STFs of one run with exact counts. */
export type StfMarks = {
  readonly has: (sequence: number, name: Mark) => boolean;
  /** Sets or clears a mark; a repeat changes nothing. */
  readonly set: (sequence: number, name: Mark, isSet?: boolean) => void;
  readonly counts: () => Counts;
  readonly save: () => SavedMarks;
};

/** No STF has a mark. */
export const noCounts = (): Counts => ({
  ...{ seen: 0, archived: 0, processed: 0, failed: 0 },
  ...{ quarantined: 0, cancelled: 0, notStored: 0 },
});

/** A byte an STF, and how many of them are done. */
type Mixed = { readonly bytes: Uint8Array; done: number };
/** All STFs of a page that is done are done. */
type Page = Mixed | 'done';

const mixedOf = (page: Page | undefined): Mixed => {
  if (page === undefined) return { bytes: new Uint8Array(pageSize), done: 0 };
  return page === 'done' ? { bytes: new Uint8Array(pageSize).fill(done), done: pageSize } : page;
};

const packed = (page: Page): number[] => {
  if (page === 'done') return [done, pageSize];
  const runs: number[] = [];
  for (const bits of page.bytes) {
    if (runs.at(-2) === bits) runs.push((runs.pop() ?? 0) + 1);
    else runs.push(bits, 1);
  }
  return runs;
};

const unpacked = (runs: readonly number[]): Page => {
  const page: Mixed = { bytes: new Uint8Array(pageSize), done: 0 };
  let at = 0;
  for (let index = 0; index < runs.length; index += 2) {
    const [bits = 0, count = 0] = runs.slice(index, index + 2);
    page.bytes.fill(bits, at, at + count);
    page.done += bits === done ? count : 0;
    at += count;
  }
  return page.done === pageSize ? 'done' : page;
};

/**
 * Marks of a run: 1 kB for each 1,024 sequence numbers of which some are open, failed or absent, and none where all are
 * done. A wild sequence number costs one page. Changes are added to `total` as well.
 */
export const createStfMarks = (total: Counts, saved?: SavedMarks): StfMarks => {
  const pages = new Map<number, Page>((saved?.pages ?? []).map(([number, runs]) => [number, unpacked(runs)]));
  const counts: Counts = { ...(saved?.counts ?? noCounts()) };

  const bits = (sequence: number): number => {
    const page = pages.get(Math.floor(sequence / pageSize));
    return page === 'done' ? done : (page?.bytes[sequence % pageSize] ?? 0);
  };
  const has = (sequence: number, name: Mark): boolean => (bits(sequence) & mark[name]) !== 0;

  const set = (sequence: number, name: Mark, isSet = true): void => {
    const before = bits(sequence);
    if (((before & mark[name]) !== 0) === isSet) return;
    const after = before ^ mark[name];
    const number = Math.floor(sequence / pageSize);
    const page = mixedOf(pages.get(number));
    page.bytes[sequence % pageSize] = after;
    page.done += Number(after === done) - Number(before === done);
    pages.set(number, page.done === pageSize ? 'done' : page);
    for (const each of [counts, total]) each[name] += isSet ? 1 : -1;
  };

  return {
    has,
    set,
    counts: () => ({ ...counts }),
    save: () => ({ counts: { ...counts }, pages: [...pages].map(([number, page]) => [number, packed(page)]) }),
  };
};
