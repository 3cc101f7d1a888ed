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

type Page = { readonly number: number; readonly count: number; readonly bytes: Buffer };

const hashAt = ({ bytes }: Page, index: number): number => bytes.readUIntBE(crcBytes + index * entryBytes, hashBytes);
const valueAt = ({ bytes }: Page, index: number): number =>
  bytes.readUInt32BE(crcBytes + index * entryBytes + hashBytes);
/** Order of an entry of a page and the wanted one. */
const compareAt = (page: Page, index: number, wanted: HashEntry): number =>
  hashAt(page, index) - wanted.hash || valueAt(page, index) - wanted.value;

/** Place of the first entry of a page that is not before the wanted one. */
const placeIn = (page: Page, wanted: HashEntry): number => {
  let [first, end] = [0, page.count];
  while (first < end) {
    const middle = (first + end) >> 1;
    if (compareAt(page, middle, wanted) < 0) first = middle + 1;
    else end = middle;
  }
  return first;
};

/** Where a look reads a page: no look lets another begin before it has ended. */
const scratch = Buffer.allocUnsafe(pageBytes);

/** Reads a table page by page. @throws log-segment-corrupt for a page that was changed. */
export const createHashReader = (file: FileReader, table: HashTable) => {
  const pages = Math.ceil(table.entries / entriesPerPage);

  const readPage = (number: number, into: Buffer): Page => {
    const offset = table.offset + number * pageBytes;
    const bytes = file.bytesAt(offset, pageBytes, into);
    if (crc32(bytes.subarray(crcBytes)) !== bytes.readUInt32LE(0))
      throw corruptSegment(file.path, `the page of its subject index at byte ${offset} does not match its checksum`);
    return { number, count: Math.min(entriesPerPage, table.entries - number * entriesPerPage), bytes };
  };

  /** Pages between a hash and another, as an even spread puts them. */
  const pagesBetween = (hash: number, wanted: number): number =>
    Math.trunc((((wanted - hash) / hashSpace) * table.entries) / entriesPerPage);

  /** The next page to read, after one that the entry does not lie in: by an even spread, then by halves. */
  const nextOf = (page: Page, wanted: HashEntry, [first, end]: readonly [number, number], step: number): number => {
    const guess = page.number + pagesBetween(hashAt(page, 0), wanted.hash);
    return step < evenSteps ? Math.min(Math.max(guess, first), end - 1) : (first + end) >> 1;
  };

  /** The first page whose last entry is not before the wanted one; undefined behind the last page. */
  const pageFor = (wanted: HashEntry, into: Buffer): Page | undefined => {
    let [first, end] = [0, pages];
    let number = Math.min(pagesBetween(0, wanted.hash), pages - 1);
    for (let step = 1; first < end; step += 1) {
      const page = readPage(number, into);
      const isBehind = compareAt(page, page.count - 1, wanted) < 0;
      // The page before ends before this one begins.
      if (!isBehind && compareAt(page, 0, wanted) <= 0) return page;
      if (isBehind) first = number + 1;
      else end = number;
      number = nextOf(page, wanted, [first, end], step);
    }
    return first < pages ? readPage(first, into) : undefined;
  };

  const pageAfter = ({ number }: Page, into: Buffer): Page | undefined =>
    number + 1 < pages ? readPage(number + 1, into) : undefined;

  /** Entries in order, from the first that is not before the wanted one. */
  function* from(wanted: HashEntry): Generator<HashEntry> {
    const into = Buffer.allocUnsafe(pageBytes);
    for (let page = pageFor(wanted, into); page !== undefined; page = pageAfter(page, into)) {
      for (let index = placeIn(page, wanted); index < page.count; index += 1)
        yield { hash: hashAt(page, index), value: valueAt(page, index) };
    }
  }

  /** Numbers of a hash from `fromValue` on, in order: at most as many as a segment has events, or a map segments. */
  const valuesOf = (hash: number, fromValue: number): number[] => {
    const wanted = { hash, value: Math.max(0, fromValue) };
    const values: number[] = [];
    for (let page = pageFor(wanted, scratch); page !== undefined; page = pageAfter(page, scratch)) {
      let end = placeIn(page, wanted);
      while (end < page.count && hashAt(page, end) === hash) values.push(valueAt(page, end++));
      if (end < page.count) break;
    }
    return values;
  };

  return { from, valuesOf };
};
