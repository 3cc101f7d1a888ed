import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Disk } from '#ports/disk';
import { corruptSegment } from './segment-corrupt.ts';

/**
 * A closed file of the log: eight bytes that name its kind, its content, a footer in JSON, and 24 bytes at the end with
 * the footer's place, length and CRC-32 and the kind again.
 */
export type FileKind = 'PPLOSEG1' | 'PPLOMAP1';

const trailerBytes = 24;
const headBytes = 8;
const readBytes = 1 << 20;

/** Size and checksum of a finished file. */
export type Finished = { readonly bytes: number; readonly sha256: string };

/** A file that is being written. */
export type FileWriter = {
  /** Appends bytes; returns where they begin. */
  readonly append: (bytes: Uint8Array) => Promise<number>;
  /** Appends footer and trailer, syncs and closes. */
  readonly finish: (footer: object) => Promise<Finished>;
  /** Closes a file that will not be finished. */
  readonly abandon: () => Promise<void>;
};

/** Starts a file, over whatever an interrupted attempt left under that name. */
export const startFile = async (disk: Disk, path: string, kind: FileKind): Promise<FileWriter> => {
  const file = await disk.open(path, 'w');
  const whole = createHash('sha256');
  let endBytes = 0;
  const append = async (bytes: Uint8Array): Promise<number> => {
    const at = endBytes;
    await file.write(bytes, at);
    whole.update(bytes);
    endBytes += bytes.length;
    return at;
  };
  const finish = async (footer: object): Promise<Finished> => {
    const text = Buffer.from(JSON.stringify(footer));
    const trailer = Buffer.alloc(trailerBytes);
    trailer.writeBigUInt64LE(BigInt(await append(text)), 0);
    trailer.writeUInt32LE(text.length, 8);
    trailer.writeUInt32LE(crc32(text), 12);
    trailer.write(kind, 16, 'latin1');
    await append(trailer);
    await file.sync();
    await file.close();
    return { bytes: endBytes, sha256: whole.digest('hex') };
  };
  try {
    await append(Buffer.from(kind, 'latin1'));
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
  return { append, finish, abandon: file.close };
};

/** An open file of the log, read at any place. */
export type FileReader = {
  readonly path: string;
  readonly footer: unknown;
  /** Bytes of a place, in a new buffer or in one of that length. @throws log-segment-corrupt if the file ends before. */
  readonly bytesAt: (offsetBytes: number, lengthBytes: number, into?: Buffer) => Buffer;
  readonly close: () => void;
};

const reasonOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

const readFooter = (fd: number, kind: FileKind, bytesAt: FileReader['bytesAt']): unknown => {
  const sizeBytes = fstatSync(fd).size;
  if (sizeBytes < headBytes + trailerBytes) throw new Error(`it has only ${sizeBytes} bytes`);
  const trailer = bytesAt(sizeBytes - trailerBytes, trailerBytes);
  const kinds = [bytesAt(0, headBytes).toString('latin1'), trailer.toString('latin1', 16)];
  if (kinds.some((found) => found !== kind)) throw new Error(`its first or last bytes are not ${kind}`);
  const text = bytesAt(Number(trailer.readBigUInt64LE(0)), trailer.readUInt32LE(8));
  if (crc32(text) !== trailer.readUInt32LE(12)) throw new Error('its footer does not match its checksum');
  return JSON.parse(text.toString());
};

/** Opens a finished file. @throws log-segment-corrupt if it is not there, cut off, or its footer was changed. */
export const openFile = (path: string, kind: FileKind): FileReader => {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (thrown) {
    throw corruptSegment(path, `it cannot be opened: ${reasonOf(thrown)}`, thrown);
  }
  const bytesAt = (offsetBytes: number, lengthBytes: number, given?: Buffer): Buffer => {
    // No part of a file of the log is larger; a damaged length shall not take all memory.
    if (lengthBytes > 1 << 28) throw corruptSegment(path, `a part of it claims ${lengthBytes} bytes`);
    const into = given ?? Buffer.allocUnsafe(lengthBytes);
    for (let done = 0; done < lengthBytes; ) {
      const read = readSync(fd, into, done, lengthBytes - done, offsetBytes + done);
      if (read === 0) throw corruptSegment(path, `it ends before byte ${offsetBytes + lengthBytes}`);
      done += read;
    }
    return into;
  };
  try {
    return { path, footer: readFooter(fd, kind, bytesAt), bytesAt, close: () => closeSync(fd) };
  } catch (thrown) {
    closeSync(fd);
    throw corruptSegment(path, reasonOf(thrown), thrown);
  }
};

/** SHA-256 of a file, read in parts; undefined if it is not there. */
export const fileSha256 = async (disk: Disk, path: string, turn: () => Promise<void>): Promise<string | undefined> => {
  if ((await disk.sizeOf(path)) === undefined) return undefined;
  const file = await disk.open(path, 'r');
  try {
    const whole = createHash('sha256');
    const into = Buffer.allocUnsafe(readBytes);
    for (let at = 0; ; ) {
      const read = await file.read(into, at);
      if (read === 0) return whole.digest('hex');
      whole.update(into.subarray(0, read));
      at += read;
      await turn();
    }
  } finally {
    await file.close();
  }
};
