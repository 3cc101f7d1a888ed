import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  compareEntries,
  createHashReader,
  createPager,
  entriesPerPage,
  type HashEntry,
} from '../../../functions/adapters/event-log/hash-pages.ts';
import type { FileReader } from '../../../functions/adapters/event-log/sealed-file.ts';

/** A table in memory, and how many of its pages were read. */
const tableOf = async (entries: readonly HashEntry[]) => {
  const pages: Buffer[] = [];
  const pager = createPager(async (page) => pages.push(page));
  await pager.put(entries);
  const whole = { offset: 0, entries: await pager.end() };
  const bytes = Buffer.concat(pages);
  let reads = 0;
  const bytesAt: FileReader['bytesAt'] = (offset, length, into = Buffer.alloc(length)) => {
    reads += 1;
    bytes.copy(into, 0, offset, offset + length);
    return into;
  };
  const file: FileReader = { path: 'table', footer: {}, close: () => undefined, bytesAt };
  return { reader: createHashReader(file, whole), reads: () => reads };
};

const hashSpace = 2 ** 48;
// Hashes all over, hashes close together as a bad spread has them, and one hash with more entries than a page.
const someHash = fc.oneof(fc.nat(hashSpace - 1), fc.nat(300), fc.constant(7), fc.constant(hashSpace - 1));
const someEntries = fc.array(fc.record({ hash: someHash, value: fc.nat(2 ** 32 - 1) }), {
  maxLength: 1_500,
  size: 'max',
});

test('finds what a search through all entries finds', async () => {
  await fc.assert(
    fc.asyncProperty(someEntries, someHash, fc.nat(2 ** 32 - 1), async (unordered, hash, fromValue) => {
      // A table has an entry once.
      const ordered = unordered.toSorted(compareEntries);
      const entries = ordered.filter((entry, at) => at === 0 || compareEntries(entry, ordered[at - 1] ?? entry) !== 0);
      const { reader } = await tableOf(entries);
      const expected = entries.filter((entry) => entry.hash === hash && entry.value >= fromValue);
      expect(reader.valuesOf(hash, fromValue)).toEqual(expected.map(({ value }) => value));
      const wanted = { hash, value: fromValue };
      expect([...reader.from(wanted)]).toEqual(entries.filter((entry) => compareEntries(entry, wanted) >= 0));
    }),
    { numRuns: 200 },
  );
});

test('reads at most three pages for a subject among a million evenly spread ones, two on average', async () => {
  const count = 1_000_000;
  const random = (at: number): number =>
    Math.floor((((at * 0.6180339887498949) % 1) + 1e-9 * (at % 97)) * hashSpace) % hashSpace;
  const entries = Array.from({ length: count }, (_, at) => ({ hash: random(at), value: at })).toSorted(compareEntries);
  const { reader, reads } = await tableOf(entries);
  let most = 0;
  for (let at = 0; at < 1_000; at++) {
    const before = reads();
    reader.valuesOf(random(at * 997), 0);
    most = Math.max(most, reads() - before);
  }
  expect(most).toBeLessThanOrEqual(3);
  expect(reads()).toBeLessThanOrEqual(2_000);
});

test('reads a table whose hashes do not spread by halves', async () => {
  const pages = 1_000;
  const entries = Array.from({ length: pages * entriesPerPage }, (_, at) => ({ hash: at, value: 1 }));
  const { reader, reads } = await tableOf(entries);
  expect(reader.valuesOf(123_456, 0)).toEqual([1]);
  expect(reads()).toBeLessThanOrEqual(4 + Math.ceil(Math.log2(pages)) + 1);
});
