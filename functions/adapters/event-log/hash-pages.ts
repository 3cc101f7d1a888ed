import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { FileReader } from './sealed-file.ts';
import { corruptSegment } from './segment-corrupt.ts';

/**
 * A sorted table of (hash of a subject, number) in pages of 4 kB, each with its own checksum, so that one entry is found
 * by a few reads of one page and a damaged page is noticed before it is believed. Hashes spread evenly, so the page is
 * guessed from the hash, and the next guess from what it holds; cost: one or two reads, O(log n) at worst.
 */
export type HashEntry = { readonly hash: number; readonly value: number };

/** Place of a table in its file. */
export type HashTable = { readonly offset: number; readonly entries: number };

const pageBytes = 4096;
const entryBytes = 10;
const hashBytes = 6;
const crcBytes = 4;
const hashSpace = 2 ** 48;

/** Guesses by an even spread, before halves are taken. */
const evenSteps = 4;

/** Entries in a full page. */
export const entriesPerPage = Math.floor((pageBytes - crcBytes) / entryBytes);

/** 48 bits of a subject's SHA-256: two subjects that share them cost a look, never a wrong result. */
export const subjectHash = (subject: string): number =>
  Number.parseInt(hash('sha256', subject).slice(0, 2 * hashBytes), 16);

/** Orders entries as a table has them. */
export const compareEntries = (a: HashEntry, b: HashEntry): number => a.hash - b.hash || a.value - b.value;

/** A page of at most 409 entries in order. */
const pageOf = (entries: readonly HashEntry[]): Buffer => {
  const page = Buffer.alloc(pageBytes);
  for (const [at, { hash: key, value }] of entries.entries()) {
    const offset = crcBytes + at * entryBytes;
    page.writeUIntBE(key, offset, hashBytes);
    page.writeUInt32BE(value, offset + hashBytes);
  }
  page.writeUInt32LE(crc32(page.subarray(crcBytes)), 0);
  return page;
};

/** Cuts entries that come in order into pages. */
export const createPager = (append: (page: Buffer) => Promise<unknown>) => {
  let waiting: HashEntry[] = [];
  let count = 0;
  const put = async (entries: readonly HashEntry[]): Promise<void> => {
    count += entries.length;
    waiting = waiting.length === 0 ? [...entries] : waiting.concat(entries);
    let from = 0;
    for (; waiting.length - from >= entriesPerPage; from += entriesPerPage)
      await append(pageOf(waiting.slice(from, from + entriesPerPage)));
    waiting = waiting.slice(from);
  };
  /** Writes what is left; returns the number of all entries. */
  const end = async (): Promise<number> => {
    if (waiting.length > 0) await append(pageOf(waiting));
    waiting = [];
    return count;
  };
  return { put, end };
};

type Page = { readonly count: number; readonly at: (index: number) => HashEntry };

/** Reads a table page by page. @throws log-segment-corrupt for a page that was changed. */
export const createHashReader = (file: FileReader, table: HashTable) => {
  const pages = Math.ceil(table.entries / entriesPerPage);

  const readPage = (number: number): Page => {
    const offset = table.offset + number * pageBytes;
    const bytes = file.bytesAt(offset, pageBytes);
    if (crc32(bytes.subarray(crcBytes)) !== bytes.readUInt32LE(0))
      throw corruptSegment(file.path, `the page of its subject index at byte ${offset} does not match its checksum`);
    return {
      count: Math.min(entriesPerPage, table.entries - number * entriesPerPage),
      at: (index) => ({
        hash: bytes.readUIntBE(crcBytes + index * entryBytes, hashBytes),
        value: bytes.readUInt32BE(crcBytes + index * entryBytes + hashBytes),
      }),
    };
  };

  /** Pages between a page and an entry, as an even spread puts it. */
  const pagesTo = (wanted: HashEntry, hash: number): number =>
    Math.trunc((((wanted.hash - hash) / hashSpace) * table.entries) / entriesPerPage);

  /** The first page whose last entry is not before the wanted one; undefined behind the last page. */
  const pageFor = (wanted: HashEntry): { readonly number: number; readonly page: Page } | undefined => {
    let found: { readonly number: number; readonly page: Page } | undefined;
    let [first, end] = [0, pages];
    let number = pagesTo(wanted, 0);
    for (let step = 1; first < end; step += 1) {
      number = Math.min(Math.max(number, first), end - 1);
      const page = readPage(number);
      const isBehind = compareEntries(page.at(page.count - 1), wanted) < 0;
      const startsAt = page.at(0);
      if (isBehind) first = number + 1;
      else {
        found = { number, page };
        // The page before ends before this one begins.
        end = compareEntries(startsAt, wanted) <= 0 ? first : number;
      }
      // Hashes that do not spread evenly are found by halves.
      number = step < evenSteps ? number + pagesTo(wanted, startsAt.hash) : (first + end) >> 1;
    }
    return found;
  };

  /** Place of the first entry of a page that is not before the wanted one. */
  const placeIn = ({ count, at }: Page, wanted: HashEntry): number => {
    let [first, end] = [0, count];
    while (first < end) {
      const middle = (first + end) >> 1;
      if (compareEntries(at(middle), wanted) < 0) first = middle + 1;
      else end = middle;
    }
    return first;
  };

  /** Entries in order, from the first that is not before the wanted one. */
  function* from(wanted: HashEntry): Generator<HashEntry> {
    const found = pageFor(wanted);
    if (found === undefined) return;
    const { count, at } = found.page;
    for (let index = placeIn(found.page, wanted); index < count; index += 1) yield at(index);
    for (let number = found.number + 1; number < pages; number += 1) {
      const page = readPage(number);
      for (let index = 0; index < page.count; index += 1) yield page.at(index);
    }
  }

  /** Numbers of a hash from `fromValue` on, in order, read as they are taken. */
  function* valuesOf(key: number, fromValue: number): Generator<number> {
    for (const entry of from({ hash: key, value: Math.max(0, fromValue) })) {
      if (entry.hash !== key) return;
      yield entry.value;
    }
  }

  return { from, valuesOf };
};
