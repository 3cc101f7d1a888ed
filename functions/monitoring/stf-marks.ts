/** What is known of an STF, one bit each. */
export const mark = { seen: 1, archived: 2, processed: 4, failed: 8, quarantined: 16 } as const;
export type Mark = keyof typeof mark;

const pageSize = 1024;
const names = ['seen', 'archived', 'processed', 'failed', 'quarantined'] as const satisfies readonly Mark[];

/** Marks of the STFs of one run, one byte an STF in pages, with exact counts. */
export type StfMarks = {
  readonly has: (sequence: number, name: Mark) => boolean;
  /** Sets or clears a mark; a repeat changes nothing. */
  readonly set: (sequence: number, name: Mark, isSet?: boolean) => void;
  readonly counts: () => Record<Mark, number>;
};

/** Marks of a run without any STF. A wild sequence number costs one page of 1 kB, not an array up to it. */
export const createStfMarks = (): StfMarks => {
  const pages = new Map<number, Uint8Array>();
  const counts: Record<Mark, number> = { seen: 0, archived: 0, processed: 0, failed: 0, quarantined: 0 };

  const bits = (sequence: number): number => pages.get(Math.floor(sequence / pageSize))?.[sequence % pageSize] ?? 0;
  const has = (sequence: number, name: Mark): boolean => (bits(sequence) & mark[name]) !== 0;

  const set = (sequence: number, name: Mark, isSet = true): void => {
    if (has(sequence, name) === isSet) return;
    const number = Math.floor(sequence / pageSize);
    const page = pages.get(number) ?? new Uint8Array(pageSize);
    pages.set(number, page);
    page[sequence % pageSize] = bits(sequence) ^ mark[name];
    counts[name] += isSet ? 1 : -1;
  };

  return { has, set, counts: () => ({ ...counts }) };
};

/** Adds up counts of several runs. */
export const sumOfCounts = (all: Iterable<Record<Mark, number>>): Record<Mark, number> => {
  const sum: Record<Mark, number> = { seen: 0, archived: 0, processed: 0, failed: 0, quarantined: 0 };
  for (const counts of all) for (const name of names) sum[name] += counts[name];
  return sum;
};
