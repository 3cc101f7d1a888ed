import { setImmediate } from 'node:timers/promises';
import { crc32c } from '@node-rs/crc32';
import type { DiskFile } from '#ports/disk';

/*
 * A file of the journal is a row of frames: length (u32 LE), CRC-32C of the body (u32 LE), body (JSON).
 * Every group commit, but the one that begins a file, begins with a mark: magic where a length would be, CRC-32C, segment
 * (u32), its own offset (u64). A group is written only when the one before is on the medium. So a whole mark behind a
 * damaged frame proves that the frame had been durable: that is damage. Without one it is the last group's torn tail.
 */

/** Bytes before a frame's body. */
export const headBytes = 8;
/** Bytes of a mark. */
export const markBytes = 20;
/** No body is larger; keeps every length apart from the magic of a mark. */
export const maxBodyBytes = 2 ** 28;

const magic = Buffer.from('PGRP', 'latin1');
const magicAsLength = magic.readUInt32LE(0);

/** A buffer that frames are serialised into; it grows, and is used again after its group is durable. */
export type FrameBuffer = { bytes: Buffer; usedBytes: number };

/** Makes an empty buffer. */
export const frameBuffer = (sizeBytes = 2 ** 16): FrameBuffer => ({
  bytes: Buffer.allocUnsafe(sizeBytes),
  usedBytes: 0,
});

function makeRoom(buffer: FrameBuffer, moreBytes: number): void {
  const neededBytes = buffer.usedBytes + moreBytes;
  if (neededBytes <= buffer.bytes.length) return;
  const larger = Buffer.allocUnsafe(Math.max(neededBytes, buffer.bytes.length * 2));
  buffer.bytes.copy(larger, 0, 0, buffer.usedBytes);
  buffer.bytes = larger;
}

/** @throws RangeError if the text is too large for one frame. */
export function assertFits(text: string): void {
  if (text.length * 3 <= maxBodyBytes || Buffer.byteLength(text) <= maxBodyBytes) return;
  throw new RangeError(`a record of ${text.length} characters is too large for the journal`);
}

/** Puts a frame with this text behind the others; returns its offset in the buffer. */
export function putFrame(buffer: FrameBuffer, text: string): number {
  // A UTF-16 unit takes at most three bytes in UTF-8.
  makeRoom(buffer, headBytes + text.length * 3);
  const start = buffer.usedBytes;
  const { bytes } = buffer;
  const lengthBytes = bytes.write(text, start + headBytes, 'utf8');
  bytes.writeUInt32LE(lengthBytes, start);
  bytes.writeUInt32LE(crc32c(bytes.subarray(start + headBytes, start + headBytes + lengthBytes)), start + 4);
  buffer.usedBytes = start + headBytes + lengthBytes;
  return start;
}

/** Puts the mark that begins a group at `offsetBytes` of a segment. */
export function putMark(buffer: FrameBuffer, segment: number, offsetBytes: number): void {
  makeRoom(buffer, markBytes);
  const start = buffer.usedBytes;
  const { bytes } = buffer;
  magic.copy(bytes, start);
  bytes.writeUInt32LE(segment, start + 8);
  bytes.writeBigUInt64LE(BigInt(offsetBytes), start + 12);
  bytes.writeUInt32LE(crc32c(bytes.subarray(start + 8, start + markBytes)), start + 4);
  buffer.usedBytes = start + markBytes;
}

/** What begins at an offset: a frame, a mark, not all of it yet, or nothing that we wrote. */
export type Piece =
  | { readonly kind: 'frame' | 'mark'; readonly sizeBytes: number }
  /** Would take this many bytes. */
  | { readonly kind: 'short'; readonly sizeBytes: number }
  | { readonly kind: 'bad' };

/** Reads the piece that begins at `at`, looking no further than `end`. */
export function pieceAt(bytes: Buffer, at: number, end: number): Piece {
  if (end - at < headBytes) return { kind: 'short', sizeBytes: headBytes };
  const length = bytes.readUInt32LE(at);
  const isMark = length === magicAsLength;
  if (!isMark && (length === 0 || length > maxBodyBytes)) return { kind: 'bad' };
  const sizeBytes = isMark ? markBytes : headBytes + length;
  if (end - at < sizeBytes) return { kind: 'short', sizeBytes };
  const isWhole = crc32c(bytes.subarray(at + headBytes, at + sizeBytes)) === bytes.readUInt32LE(at + 4);
  return isWhole ? { kind: isMark ? 'mark' : 'frame', sizeBytes } : { kind: 'bad' };
}

/** Finds a mark of `segment` that lies behind `fromBytes` in the segment's bytes and is where it says. */
export function markBehind(bytes: Buffer, segment: number, fromBytes: number): number | undefined {
  for (let at = bytes.indexOf(magic, fromBytes); at >= 0; at = bytes.indexOf(magic, at + 1)) {
    if (pieceAt(bytes, at, bytes.length).kind !== 'mark') continue;
    if (bytes.readUInt32LE(at + 8) === segment && bytes.readBigUInt64LE(at + 12) === BigInt(at)) return at;
  }
  return undefined;
}

const windowBytes = 2 ** 20;
const firstWindowBytes = 2 ** 14;

/** Calls `visit` with each whole frame of a file, in order; returns where the last whole piece ends. */
export async function scanFrames(
  file: DiskFile,
  visit: (body: Buffer, offsetBytes: number) => void,
): Promise<{ readonly endBytes: number }> {
  let window = Buffer.allocUnsafe(firstWindowBytes);
  let windowAt = 0;
  // Ends: each round goes on in the file or widens the window, until the file does not fill it.
  for (;;) {
    const filled = await file.read(window, windowAt);
    const { at, piece } = scanWindow(window, filled, windowAt, visit);
    windowAt += at;
    if (piece.kind === 'held') {
      await setImmediate();
      continue;
    }
    // What is short in a window that the file did not fill will not become longer.
    if (piece.kind === 'bad' || filled < window.length) return { endBytes: windowAt };
    // Small files are many: only one that goes on is worth a large window.
    const neededBytes = Math.max(Math.min(window.length * 4, windowBytes), piece.sizeBytes);
    if (window.length < neededBytes) window = Buffer.allocUnsafe(neededBytes);
  }
}

/** Whoever visits may take long: after so much time the loop turns, so that this process is known to be alive. */
const heldMs = 250;

type Incomplete = Exclude<Piece, { readonly kind: 'frame' | 'mark' }> | { readonly kind: 'held' };

/** Visits the whole frames of a window; returns the first piece that is not whole or has to wait, and where it begins. */
function scanWindow(
  window: Buffer,
  filled: number,
  windowAt: number,
  visit: (body: Buffer, offsetBytes: number) => void,
): { readonly at: number; readonly piece: Incomplete } {
  const endMs = performance.now() + heldMs;
  // Ends: each round goes on by a piece, and one that does not lie whole in the window is short.
  for (let at = 0; ; ) {
    if (at > 0 && performance.now() > endMs) return { at, piece: { kind: 'held' } };
    const piece = pieceAt(window, at, filled);
    if (piece.kind === 'short' || piece.kind === 'bad') return { at, piece };
    if (piece.kind === 'frame') visit(window.subarray(at + headBytes, at + piece.sizeBytes), windowAt + at);
    at += piece.sizeBytes;
  }
}
