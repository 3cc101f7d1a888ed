import { crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { chainHash, type EventRow, idOfBody } from './chain.ts';
import type { HashTable } from './hash-pages.ts';
import type { FileReader } from './sealed-file.ts';
import { corruptSegment } from './segment-corrupt.ts';

/** Events in a block: what is decompressed to read one of them. */
export const eventsPerBlock = 128;

/** A run of events that is compressed and checked by itself. */
export type Block = {
  readonly first: number;
  readonly offset: number;
  readonly bytes: number;
  readonly crc32: number;
  /** Hash of the event before its first: with the texts it gives the hash of each. */
  readonly previousHash: string;
};

/** The last part of a segment file. */
export type SegmentFooter = {
  readonly format: 1;
  readonly first: number;
  readonly last: number;
  readonly previousHash: string;
  readonly hash: string;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly blocks: readonly Block[];
  readonly subjects: HashTable;
};

// Only the fields that readers branch on: a checksum covers the footer, and the writer's thread shall start without zod.
/** Whether a footer has a format that this papilio reads, and an index of subjects. */
export const isIndexed = (footer: unknown): footer is { first: number; last: number; subjects: HashTable } =>
  typeof footer === 'object' &&
  footer !== null &&
  'format' in footer &&
  footer.format === 1 &&
  'subjects' in footer &&
  typeof footer.subjects === 'object';

/** Whether a footer is that of a segment. */
export const isSegmentFooter = (footer: unknown): footer is SegmentFooter =>
  isIndexed(footer) && 'blocks' in footer && Array.isArray(footer.blocks) && 'previousHash' in footer;

/** The texts of a block, one a line, compressed with Zstandard. The text that a hash covers is kept to the byte. */
export const encodeBlock = (rows: readonly EventRow[]): Buffer =>
  zstdCompressSync(Buffer.from(rows.map(({ body }) => body).join('\n')));

/** Finds the block that holds an event, by bisection. */
export const blockIndexOf = ({ blocks }: SegmentFooter, seq: number): number => {
  let first = 0;
  let end = blocks.length;
  while (first < end) {
    const middle = (first + end) >> 1;
    if ((blocks[middle]?.first ?? 0) <= seq) first = middle + 1;
    else end = middle;
  }
  return first - 1;
};

const textsOf = (file: FileReader, block: Block): string[] => {
  const bytes = file.bytesAt(block.offset, block.bytes);
  const where = `the block of events from ${block.first} on, at byte ${block.offset},`;
  if (crc32(bytes) !== block.crc32) throw corruptSegment(file.path, `${where} does not match its checksum`);
  try {
    return zstdDecompressSync(bytes).toString().split('\n');
  } catch (thrown) {
    throw corruptSegment(file.path, `${where} cannot be decompressed`, thrown);
  }
};

/** The rows of a block, their hashes computed again. @throws log-segment-corrupt unless they end in the chain. */
export const readBlock = (file: FileReader, footer: SegmentFooter, index: number): readonly EventRow[] => {
  const block = footer.blocks[index];
  if (block === undefined) throw corruptSegment(file.path, `it has no block ${index}`);
  const next = footer.blocks[index + 1];
  const end = next === undefined ? { first: footer.last + 1, previousHash: footer.hash } : next;
  let hash = block.previousHash;
  const rows = textsOf(file, block).map((body, at): EventRow => {
    hash = chainHash(hash, body);
    return { seq: block.first + at, id: idOfBody(body), body, hash };
  });
  if (rows.length !== end.first - block.first || hash !== end.previousHash)
    throw corruptSegment(file.path, `events ${block.first} to ${end.first - 1} do not fit the chain of hashes`);
  return rows;
};
