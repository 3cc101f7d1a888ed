import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { FileReader } from './sealed-file.ts';
import { corruptSegment } from './segment-corrupt.ts';

/**
 * A sorted table of (hash of a subject, number) in pages of 4 kB, each with its own checksum, so that one entry is found
 * by a few reads of one page and a damaged page is noticed before it is believed. Hashes spread evenly, so the page is
 * guessed from the hash; cost: two or three reads, O(log n) at worst.
 */
export type HashEntry = { readonly hash: number; readonly value: number };

/** Place of a table in its file. */
export type HashTable = { readonly offset: number; readonly entries: number };

const pageBytes = 4096;
const entryBytes = 10;
const hashBytes = 6;
const crcBytes = 4;
const hashSpace = 2 ** 48;

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

  /** The first page whose last entry is not before the wanted one. */
  const pageFor = (wanted: HashEntry): number => {
    let first = 0;
    let end = pages;
    const narrow = (number: number): void => {
      if (number < first || number >= end) return;
      const page = readPage(number);
      if (compareEntries(page.at(page.count - 1), wanted) < 0) first = number + 1;
      else end = number;
    };
    const guess = Math.floor(((wanted.hash / hashSpace) * table.entries) / entriesPerPage);
    // An even spread puts an entry within some square roots of its expected place.
    const margin = 1 + Math.ceil((1.5 * Math.sqrt(table.entries)) / entriesPerPage);
    narrow(guess - margin);
    narrow(guess + margin);
    while (first < end) narrow((first + end) >> 1);
    return first;
  };

  /** Entries in order, from the first that is not before the wanted one. */
  function* from(wanted: HashEntry): Generator<HashEntry> {
    for (let number = pageFor(wanted); number < pages; number += 1) {
      const page = readPage(number);
      for (let index = 0; index < page.count; index += 1) {
        const entry = page.at(index);
        if (compareEntries(entry, wanted) >= 0) yield entry;
      }
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
