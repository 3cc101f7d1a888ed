/**
 * Reads STFs, whatever wrote them: `StfReader` is the one interface, `openStf` opens papilio's own container behind it.
 * Nothing is given out before its CRC-32C is checked, and memory stays at one buffer whatever the size.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Checksums, crc32c } from '#lib/model/checksum';
import {
  bxFieldOf,
  decodeHeader,
  decodeIndex,
  decodeTrailer,
  HEADER_START_BYTES,
  headerSizeOf,
  INDEX_ENTRY_BYTES,
  type StfHeader,
  TF_MAX_BYTES,
  type TfEntry,
  TRAILER_BYTES,
} from '#lib/model/stf-container';
import { crcOfTf, decodeTf, type Tf } from '#lib/model/stf-container-tf';
import { holdsTf, missingIn, spanOf, type TfSpan } from '#lib/model/tf-range';
import type { TfRange } from '#schema/tf';

/** An STF that is open for reading. */
export type StfReader = AsyncDisposable & {
  readonly header: StfHeader;
  readonly sizeBytes: number;
  /** The TFs that it should hold, by its name. */
  readonly span: TfSpan;
  /** TFs that it holds. */
  readonly tfCount: number;
  /** TFs of `span` that it does not hold. */
  readonly missing: readonly TfRange[];
  /** Reads the TF at a place in the file, from 0; undefined if it has fewer. */
  readonly tfAt: (index: number) => Promise<Tf | undefined>;
  /** Reads the TF that a crossing belongs to; undefined if the file does not hold it. */
  readonly tfOfBx: (bx: bigint) => Promise<Tf | undefined>;
  /** Reads every TF in order. `checksums` is fed all bytes of the file, and is complete when the last TF has been taken. */
  readonly readAll: (checksums?: Checksums) => AsyncGenerator<Tf>;
};

/** A file that is no whole, unchanged STF. */
export class StfCorrupt extends Error {
  /** The file's name. */
  readonly stf: string;
  /** The TF that is broken; undefined when it is header, index or the file as a whole. */
  readonly tf: bigint | undefined;
  constructor(stf: string, problem: string, tf?: bigint) {
    super(`${stf}: ${tf === undefined ? problem : `TF ${tf}: ${problem}`}`);
    this.name = 'StfCorrupt';
    this.stf = stf;
    this.tf = tf;
  }
}

const READ_BYTES = 4 * 1024 * 1024;

type Source = { readonly file: FileHandle; readonly stf: string; readonly sizeBytes: number };

/** Opens an STF and checks header, index and length. @throws StfCorrupt, and Node's own errors (`ENOENT`). */
export async function openStf(path: string): Promise<StfReader> {
  const file = await open(path, 'r');
  try {
    return await readerOf({ file, stf: basename(path), sizeBytes: (await file.stat()).size });
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readerOf(source: Source): Promise<StfReader> {
  const head = await readHeader(source);
  const header = soundOf(source, decodeHeader(head));
  const tail = await readTail(source, header.tfCount);
  const entries = decodeIndex(tail.subarray(0, -TRAILER_BYTES));
  const span = checkIndex(source, { header, entries, firstByte: head.length, endByte: source.sizeBytes - tail.length });
  const sound = soundnessOf(source, header);
  const tfAt = async (index: number) => {
    const entry = entries[index];
    return entry && sound(entry, await readAt(source, entry.offsetBytes, Buffer.allocUnsafeSlow(entry.sizeBytes)));
  };
  return {
    header,
    sizeBytes: source.sizeBytes,
    span,
    tfCount: entries.length,
    missing: missingOf(span, entries),
    tfAt,
    tfOfBx: async (bx) => tfAt(entries.findIndex((entry) => entry.tf === bx / BigInt(header.bxPerTf))),
    readAll: async function* (checksums) {
      checksums?.update(head);
      yield* readSpans(source, { entries, sound, checksums });
      checksums?.update(tail);
    },
    [Symbol.asyncDispose]: () => source.file.close(),
  };
}

async function readHeader(source: Source): Promise<Buffer> {
  const start = await readAt(source, 0, Buffer.alloc(Math.min(HEADER_START_BYTES, source.sizeBytes)));
  return readAt(source, 0, Buffer.alloc(soundOf(source, headerSizeOf(start))));
}

/** Reads index and trailer. */
async function readTail(source: Source, tfCount: number): Promise<Buffer> {
  const { sizeBytes } = source;
  const trailerAt = sizeBytes - TRAILER_BYTES;
  const trailer = soundOf(source, decodeTrailer(await readAt(source, trailerAt, Buffer.alloc(TRAILER_BYTES))));
  const { indexOffsetBytes } = trailer;
  if (trailer.sizeBytes !== sizeBytes) {
    throw new StfCorrupt(source.stf, `it has ${sizeBytes} bytes and was written with ${trailer.sizeBytes}`);
  }
  const indexBytes = trailerAt - indexOffsetBytes;
  if (indexBytes < 0 || indexBytes % INDEX_ENTRY_BYTES !== 0 || indexBytes > tfCount * INDEX_ENTRY_BYTES) {
    throw new StfCorrupt(source.stf, `an index of up to ${tfCount} TFs cannot begin at byte ${indexOffsetBytes}`);
  }
  const tail = await readAt(source, indexOffsetBytes, Buffer.alloc(sizeBytes - indexOffsetBytes));
  if (crc32c(tail.subarray(0, -TRAILER_BYTES)) !== trailer.indexCrc32c) {
    throw new StfCorrupt(source.stf, 'the CRC-32C of its index is wrong');
  }
  return tail;
}

type Layout = {
  readonly header: StfHeader;
  readonly entries: readonly TfEntry[];
  readonly firstByte: number;
  readonly endByte: number;
};

/** An index is sound if its TFs are of run and sequence, in order, and their bytes lie one behind the other without a gap. */
function checkIndex(source: Source, { header, entries, firstByte, endByte }: Layout): TfSpan {
  const span = numbersOf(source, header);
  let nextByte = firstByte;
  let tfLeast = 0n;
  for (const [at, entry] of entries.entries()) {
    if (entry.tf < tfLeast || !isNumbered(entry, span, BigInt(header.bxPerTf)))
      throw new StfCorrupt(source.stf, `its index has TF ${entry.tf} at place ${at}`);
    if (entry.offsetBytes !== nextByte || entry.sizeBytes > TF_MAX_BYTES || entry.sizeBytes % 8 !== 0) {
      throw new StfCorrupt(source.stf, `its index puts ${entry.sizeBytes} bytes at ${entry.offsetBytes}`, entry.tf);
    }
    nextByte += entry.sizeBytes;
    tfLeast = entry.tf + 1n;
  }
  if (nextByte !== endByte) {
    throw new StfCorrupt(source.stf, `its index has ${entries.length} TFs, up to byte ${nextByte} of ${endByte}`);
  }
  return span;
}

function isNumbered({ tf, bxFirst, bxCount }: TfEntry, span: TfSpan, bxPerTf: bigint): boolean {
  return holdsTf(span, tf) && bxFirst === bxFieldOf(tf, bxPerTf) && bxCount === bxPerTf;
}

function missingOf(span: TfSpan, entries: readonly TfEntry[]): readonly TfRange[] {
  return missingIn(
    span,
    entries.map(({ tf }) => ({ tfFirst: tf, tfEnd: tf + 1n })),
  );
}

function numbersOf(source: Source, header: StfHeader): TfSpan {
  if (header.bxPerTf === 0) throw new StfCorrupt(source.stf, 'it has no BXs a TF');
  try {
    return spanOf(header);
  } catch (error) {
    if (error instanceof RangeError) throw new StfCorrupt(source.stf, error.message);
    throw error;
  }
}

type Reading = {
  readonly entries: readonly TfEntry[];
  readonly sound: (entry: TfEntry, bytes: Buffer) => Tf;
  readonly checksums: Checksums | undefined;
};

async function* readSpans(source: Source, { entries, sound, checksums }: Reading): AsyncGenerator<Tf> {
  let buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  for (let first = 0; first < entries.length; ) {
    const span = readSpanOf(entries, first);
    if (span.sizeBytes > buffer.length) buffer = Buffer.allocUnsafeSlow(span.sizeBytes);
    const bytes = await readAt(source, span.offsetBytes, buffer.subarray(0, span.sizeBytes));
    checksums?.update(bytes);
    for (const entry of entries.slice(first, span.end)) {
      const at = entry.offsetBytes - span.offsetBytes;
      yield sound(entry, bytes.subarray(at, at + entry.sizeBytes));
    }
    first = span.end;
  }
}

/** As many TFs from `first` on as one read takes, and at least one. */
function readSpanOf(
  entries: readonly TfEntry[],
  first: number,
): { offsetBytes: number; sizeBytes: number; end: number } {
  const offsetBytes = entries[first]?.offsetBytes ?? 0;
  let sizeBytes = entries[first]?.sizeBytes ?? 0;
  let end = first + 1;
  for (let next = entries[end]; next !== undefined && sizeBytes + next.sizeBytes <= READ_BYTES; next = entries[end]) {
    sizeBytes += next.sizeBytes;
    end++;
  }
  return { offsetBytes, sizeBytes, end };
}

/** Reads TFs and lets only sound ones through: those that index and header speak of, unchanged. */
function soundnessOf(source: Source, header: StfHeader): Reading['sound'] {
  const known = new Set(header.detectors.map(({ id }) => id));
  return (entry, bytes) => {
    const tf = decodeTf(bytes);
    if (typeof tf === 'string') throw new StfCorrupt(source.stf, tf, entry.tf);
    const isIndexed = tf.tf === entry.tf && tf.bxFirst === entry.bxFirst && tf.bxCount === entry.bxCount;
    if (!isIndexed || crcOfTf(bytes) !== entry.crc32c) {
      throw new StfCorrupt(source.stf, 'it is not the TF that the index names', entry.tf);
    }
    const stranger = tf.sections.find(({ detectorId }) => !known.has(detectorId));
    if (stranger) throw new StfCorrupt(source.stf, `its header knows no detector ${stranger.detectorId}`, entry.tf);
    return tf;
  };
}

function soundOf<Value>(source: Source, value: Value | string): Value {
  if (typeof value === 'string') throw new StfCorrupt(source.stf, value);
  return value;
}

async function readAt(source: Source, offsetBytes: number, into: Buffer): Promise<Buffer> {
  let done = 0;
  while (done < into.length) {
    const { bytesRead } = await source.file.read(into, done, into.length - done, offsetBytes + done);
    if (bytesRead === 0) throw new StfCorrupt(source.stf, `it ends at byte ${offsetBytes + done}`);
    done += bytesRead;
  }
  return into;
}
