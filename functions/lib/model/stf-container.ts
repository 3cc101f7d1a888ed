/**
 * The byte layout of papilio's own STF container, version 1; `docs/reference/stf-container.md` has it to the byte.
 *
 *     header · TF · TF · … · index · trailer
 *
 * Everything is little-endian and every part starts at a multiple of 8, so hits are read in place as a Uint32Array.
 * The index comes last because a DAQ writes forward and only then knows it; the trailer, of fixed size, says where it is.
 */
import { crc32c } from './checksum.ts';

const CONTAINER_VERSION = 1;
/** Bytes of the trailer, which end the file. */
export const TRAILER_BYTES = 32;
/** A larger TF is refused, so that a broken length cannot exhaust memory. */
export const TF_MAX_BYTES = 64 * 1024 * 1024;
const HEADER_MAX_BYTES = 65_536;
/** Bytes of the header that say how long it is. */
export const HEADER_START_BYTES = 16;
/** Bytes of a line of the index. */
export const INDEX_ENTRY_BYTES = 40;
/** Bytes of a TF before the lines of its detectors. */
export const TF_HEADER_BYTES = 48;
/** Bytes of a detector's line in a TF. */
export const TF_SECTION_BYTES = 8;
/** Bytes of a hit. */
export const HIT_BYTES = 8;
/** 32-bit words a hit: time in the TF, then channel (low half) and charge (high half). */
export const HIT_WORDS = 2;
/** Units of a hit's time in one crossing. */
export const TICKS_PER_BX = 256;

const FIXED_HEADER_BYTES = 80;
const DETECTOR_BYTES = 32;
const NAME_BYTES = 24;
const STATE_BYTES = 16;
const CRC_BYTES = 4;
// As PNG does: a byte above 127, both line ends and ^Z show whether a transfer took the file for text.
const HEADER_MAGIC = Buffer.from([0x89, 0x53, 0x54, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]);
const TRAILER_MAGIC = Buffer.from([0x89, 0x53, 0x54, 0x46, 0x65, 0x6e, 0x64, 0x0a]);

/** A part of the detector whose hits a file holds. */
export type StfDetector = { readonly id: number; readonly channels: number; readonly name: string };

/** What an STF says of itself, apart from where it was made or is kept. */
export type StfHeader = {
  readonly run: number;
  readonly sequence: number;
  readonly tfCount: number;
  readonly tfsPerStf: number;
  readonly bxPerTf: number;
  readonly seed: bigint;
  readonly state: string;
  readonly substate: string;
  readonly detectors: readonly StfDetector[];
};

/** One line of the index: a TF, and the bytes that hold it. */
export type TfEntry = {
  readonly tf: bigint;
  /** As `bxFieldOf` gives it. */
  readonly bxFirst: bigint;
  readonly bxCount: bigint;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  readonly crc32c: number;
};

/** The first BX of a TF as its 64-bit field has it: a BX of a further block of a run has more bits, and the field the lowest 64. */
export function bxFieldOf(tf: bigint, bxPerTf: bigint): bigint {
  return BigInt.asUintN(64, tf * bxPerTf);
}

/** Where the index is, and how long the whole file must be. */
export type Trailer = { readonly indexOffsetBytes: number; readonly sizeBytes: number; readonly indexCrc32c: number };

/** Bytes of a header that lists so many detectors. */
export function headerBytesOf(detectorCount: number): number {
  return FIXED_HEADER_BYTES + detectorCount * DETECTOR_BYTES + 8;
}

/** Writes a header. @throws RangeError when a name or a number does not fit its field. */
export function encodeHeader(header: StfHeader): Buffer {
  const sizeBytes = headerBytesOf(header.detectors.length);
  const bytes = Buffer.alloc(sizeBytes);
  HEADER_MAGIC.copy(bytes);
  bytes.writeUInt16LE(CONTAINER_VERSION, 8);
  bytes.writeUInt16LE(header.detectors.length, 10);
  bytes.writeUInt32LE(sizeBytes, 12);
  bytes.writeUInt32LE(header.run, 16);
  bytes.writeUInt32LE(header.sequence, 20);
  bytes.writeUInt32LE(header.tfCount, 24);
  bytes.writeUInt32LE(header.tfsPerStf, 28);
  bytes.writeUInt32LE(header.bxPerTf, 32);
  bytes.writeBigUInt64LE(header.seed, 40);
  writeName(bytes, header.state, 48, STATE_BYTES);
  writeName(bytes, header.substate, 64, STATE_BYTES);
  header.detectors.forEach((detector, at) => {
    const offset = FIXED_HEADER_BYTES + at * DETECTOR_BYTES;
    bytes.writeUInt16LE(detector.id, offset);
    bytes.writeUInt32LE(detector.channels, offset + 4);
    writeName(bytes, detector.name, offset + 8, NAME_BYTES);
  });
  bytes.writeUInt32LE(crc32c(bytes.subarray(0, -CRC_BYTES)), sizeBytes - CRC_BYTES);
  return bytes;
}

/** How long the header is that starts with these 16 bytes; text says why it is none. */
export function headerSizeOf(start: Buffer): number | string {
  if (start.length < HEADER_START_BYTES) return 'it is too short to be an STF';
  if (!start.subarray(0, 8).equals(HEADER_MAGIC)) return 'it does not begin as an STF does';
  const version = start.readUInt16LE(8);
  if (version !== CONTAINER_VERSION) return `its layout is version ${version}, this reader knows ${CONTAINER_VERSION}`;
  const sizeBytes = start.readUInt32LE(12);
  if (sizeBytes !== headerBytesOf(start.readUInt16LE(10)) || sizeBytes > HEADER_MAX_BYTES) {
    return `its header claims ${sizeBytes} bytes for ${start.readUInt16LE(10)} detectors`;
  }
  return sizeBytes;
}

/** Reads a whole header; text says what is wrong with it. */
export function decodeHeader(bytes: Buffer): StfHeader | string {
  if (crc32c(bytes.subarray(0, -CRC_BYTES)) !== bytes.readUInt32LE(bytes.length - CRC_BYTES))
    return 'the CRC-32C of its header is wrong';
  const detectors: StfDetector[] = [];
  for (let at = FIXED_HEADER_BYTES; at + DETECTOR_BYTES < bytes.length; at += DETECTOR_BYTES) {
    const name = readName(bytes, at + 8, NAME_BYTES);
    detectors.push({ id: bytes.readUInt16LE(at), channels: bytes.readUInt32LE(at + 4), name });
  }
  return {
    run: bytes.readUInt32LE(16),
    sequence: bytes.readUInt32LE(20),
    tfCount: bytes.readUInt32LE(24),
    tfsPerStf: bytes.readUInt32LE(28),
    bxPerTf: bytes.readUInt32LE(32),
    seed: bytes.readBigUInt64LE(40),
    state: readName(bytes, 48, STATE_BYTES),
    substate: readName(bytes, 64, STATE_BYTES),
    detectors,
  };
}

/** Writes index and trailer, which end the file. */
export function encodeTail(entries: readonly TfEntry[], indexOffsetBytes: number): Buffer {
  const indexBytes = entries.length * INDEX_ENTRY_BYTES;
  const bytes = Buffer.alloc(indexBytes + TRAILER_BYTES);
  entries.forEach((entry, at) => {
    const offset = at * INDEX_ENTRY_BYTES;
    bytes.writeBigUInt64LE(entry.tf, offset);
    bytes.writeBigUInt64LE(entry.bxFirst, offset + 8);
    bytes.writeBigUInt64LE(entry.bxCount, offset + 16);
    bytes.writeBigUInt64LE(BigInt(entry.offsetBytes), offset + 24);
    bytes.writeUInt32LE(entry.sizeBytes, offset + 32);
    bytes.writeUInt32LE(entry.crc32c, offset + 36);
  });
  bytes.writeBigUInt64LE(BigInt(indexOffsetBytes), indexBytes);
  bytes.writeBigUInt64LE(BigInt(indexOffsetBytes + bytes.length), indexBytes + 8);
  bytes.writeUInt32LE(crc32c(bytes.subarray(0, indexBytes)), indexBytes + 16);
  bytes.writeUInt32LE(crc32c(bytes.subarray(indexBytes, indexBytes + 20)), indexBytes + 20);
  TRAILER_MAGIC.copy(bytes, indexBytes + 24);
  return bytes;
}

/** Whether a file ends as an STF does, whatever is before. */
export function isContainerEnd(bytes: Buffer): boolean {
  return bytes.subarray(-TRAILER_MAGIC.length).equals(TRAILER_MAGIC);
}

/** Reads the trailer; text says what is wrong with it. */
export function decodeTrailer(bytes: Buffer): Trailer | string {
  if (!bytes.subarray(24).equals(TRAILER_MAGIC)) return 'it does not end as an STF does, so its end is missing';
  if (crc32c(bytes.subarray(0, 20)) !== bytes.readUInt32LE(20)) return 'the CRC-32C of its trailer is wrong';
  return {
    indexOffsetBytes: Number(bytes.readBigUInt64LE(0)),
    sizeBytes: Number(bytes.readBigUInt64LE(8)),
    indexCrc32c: bytes.readUInt32LE(16),
  };
}

/** Reads the index. */
export function decodeIndex(bytes: Buffer): TfEntry[] {
  return Array.from({ length: Math.floor(bytes.length / INDEX_ENTRY_BYTES) }, (_, at) => {
    const offset = at * INDEX_ENTRY_BYTES;
    return {
      tf: bytes.readBigUInt64LE(offset),
      bxFirst: bytes.readBigUInt64LE(offset + 8),
      bxCount: bytes.readBigUInt64LE(offset + 16),
      offsetBytes: Number(bytes.readBigUInt64LE(offset + 24)),
      sizeBytes: bytes.readUInt32LE(offset + 32),
      crc32c: bytes.readUInt32LE(offset + 36),
    };
  });
}

function writeName(bytes: Buffer, name: string, offset: number, room: number): void {
  if (!/^[\x21-\x7e]*$/.test(name) || name.length > room) {
    throw new RangeError(`"${name}" is not at most ${room} printable ASCII characters`);
  }
  bytes.write(name, offset, 'ascii');
}

function readName(bytes: Buffer, offset: number, room: number): string {
  return bytes.toString('ascii', offset, offset + room).replace(/(?<!\0)\0+$/, '');
}
