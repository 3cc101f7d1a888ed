/** One TF in the container: a header, one line a detector with its number of hits, then the hits, sorted by time in each detector. */
import { crc32c } from './checksum.ts';
import {
  HIT_BYTES,
  HIT_WORDS,
  TF_HEADER_BYTES,
  TF_MAX_BYTES,
  TF_SECTION_BYTES,
  type TfEntry,
} from './stf-container.ts';

const TF_MAGIC = 0x0a_46_54_89;
// Magic and CRC come first; the CRC covers everything behind itself.
const CRC_OFFSET = 4;
/** Byte of a TF from which on its CRC-32C covers it. */
export const TF_SEALED_BYTE = 8;

/** The hits of one detector in one TF, in `words` as the container has them: time, then channel and charge. */
export type Section = { readonly detectorId: number; readonly hits: number; readonly words: Uint32Array };

/** A timeframe as read. `sections` look into the reader's buffer and are good until the next TF is asked for. */
export type Tf = {
  readonly tf: bigint;
  readonly bxFirst: bigint;
  readonly bxCount: bigint;
  readonly hits: number;
  readonly sections: readonly Section[];
};

/** What a TF's header says, and how many hits each detector has. */
export type TfHead = Pick<Tf, 'tf' | 'bxFirst' | 'bxCount' | 'hits'> & { readonly counts: readonly DetectorCount[] };
type DetectorCount = Pick<Section, 'detectorId' | 'hits'>;

/** Bytes of a TF. */
export function tfBytesOf(detectorCount: number, hits: number): number {
  return TF_HEADER_BYTES + detectorCount * TF_SECTION_BYTES + hits * HIT_BYTES;
}

/** Writes all of a TF but its hits, and returns the room for those of each detector. `bytes` is the TF's, at a multiple of 4. */
export function encodeTfHead(bytes: Buffer, { tf, bxFirst, bxCount, hits, counts }: TfHead): Section[] {
  bytes.writeUInt32LE(TF_MAGIC, 0);
  bytes.writeUInt32LE(bytes.length, 8);
  bytes.writeUInt32LE(hits, 12);
  bytes.writeBigUInt64LE(tf, 16);
  bytes.writeBigUInt64LE(bxFirst, 24);
  bytes.writeBigUInt64LE(bxCount, 32);
  bytes.writeUInt32LE(counts.length, 40);
  bytes.writeUInt32LE(0, 44);
  counts.forEach(({ detectorId, hits }, at) => {
    bytes.writeUInt32LE(detectorId, TF_HEADER_BYTES + at * TF_SECTION_BYTES);
    bytes.writeUInt32LE(hits, TF_HEADER_BYTES + at * TF_SECTION_BYTES + 4);
  });
  return sectionsOf(bytes, counts);
}

/** Puts the CRC-32C on a TF whose hits are written, and returns it. */
export function sealTf(bytes: Buffer): number {
  const crc = crc32c(bytes.subarray(TF_SEALED_BYTE));
  bytes.writeUInt32LE(crc, CRC_OFFSET);
  return crc;
}

/** The CRC-32C that a TF carries. */
export function crcOfTf(bytes: Buffer): number {
  return bytes.readUInt32LE(CRC_OFFSET);
}

/** What the first bytes of a TF say of it, unchecked but for their own agreement; undefined if they begin no TF. */
export function readTfHead(start: Buffer): Omit<TfEntry, 'offsetBytes'> | undefined {
  if (start.length < TF_HEADER_BYTES || start.readUInt32LE(0) !== TF_MAGIC) return undefined;
  const sizeBytes = start.readUInt32LE(8);
  if (sizeBytes > TF_MAX_BYTES || sizeBytes !== tfBytesOf(start.readUInt32LE(40), start.readUInt32LE(12)))
    return undefined;
  return {
    tf: start.readBigUInt64LE(16),
    bxFirst: start.readBigUInt64LE(24),
    bxCount: start.readBigUInt64LE(32),
    sizeBytes,
    crc32c: start.readUInt32LE(CRC_OFFSET),
  };
}

/** Reads a TF from its bytes, which start at a multiple of 4; text says what is wrong with it. */
export function decodeTf(bytes: Buffer): Tf | string {
  if (bytes.length < TF_HEADER_BYTES || bytes.readUInt32LE(0) !== TF_MAGIC) return 'it does not begin as a TF does';
  if (crc32c(bytes.subarray(TF_SEALED_BYTE)) !== crcOfTf(bytes)) return 'its CRC-32C is wrong';
  const hits = bytes.readUInt32LE(12);
  const detectorCount = bytes.readUInt32LE(40);
  if (bytes.readUInt32LE(8) !== bytes.length || tfBytesOf(detectorCount, hits) !== bytes.length) {
    return `it claims ${hits} hits of ${detectorCount} detectors in ${bytes.length} bytes`;
  }
  const counts = Array.from({ length: detectorCount }, (_, at) => ({
    detectorId: bytes.readUInt32LE(TF_HEADER_BYTES + at * TF_SECTION_BYTES),
    hits: bytes.readUInt32LE(TF_HEADER_BYTES + at * TF_SECTION_BYTES + 4),
  }));
  if (counts.reduce((sum, count) => sum + count.hits, 0) !== hits) return `its detectors do not add up to ${hits} hits`;
  return {
    tf: bytes.readBigUInt64LE(16),
    bxFirst: bytes.readBigUInt64LE(24),
    bxCount: bytes.readBigUInt64LE(32),
    hits,
    sections: sectionsOf(bytes, counts),
  };
}

function sectionsOf(bytes: Buffer, counts: readonly DetectorCount[]): Section[] {
  let offset = bytes.byteOffset + tfBytesOf(counts.length, 0);
  return counts.map(({ detectorId, hits }) => {
    const words = new Uint32Array(bytes.buffer, offset, hits * HIT_WORDS);
    offset += hits * HIT_BYTES;
    return { detectorId, hits, words };
  });
}
