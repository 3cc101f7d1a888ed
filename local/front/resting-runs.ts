import { closeSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import type { Disk } from '#ports/disk';
import type { Keeping } from '../../functions/api/following/keeping.ts';

/** Where the text of a run lies in its file: first byte, length, CRC-32. */
export const Place = z.tuple([z.int().min(0), z.int().min(0), z.int().min(0)]);
export type Place = z.infer<typeof Place>;

/** Runs at rest as they are at one moment, to be made durable. */
export type Batch = {
  readonly places: ReadonlyMap<number, Place>;
  readonly endBytes: number;
  /** Appends those that are in memory only; resolves when they are durable. */
  readonly write: () => Promise<void>;
  /** What names the places is durable too: memory may let go of the texts. */
  readonly written: () => void;
};

/** Reads one text; a few kB that mostly lie in the page cache. */
const textAt = (path: string, [offsetBytes, lengthBytes, crc]: Place): string | undefined => {
  const bytes = Buffer.alloc(lengthBytes);
  const file = openSync(path, 'r');
  try {
    readSync(file, bytes, 0, lengthBytes, offsetBytes);
  } finally {
    closeSync(file);
  }
  return crc32(bytes) === crc ? bytes.toString('utf8') : undefined;
};

/**
 * Runs at rest in an append-only file: memory holds 30 bytes of each, and the texts of those that are not durable yet. A run
 * that rests again is appended again.
 */
export const openResting = (disk: Disk, path: string) => {
  let places: ReadonlyMap<number, Place> = new Map();
  let endBytes = 0;
  let fault: string | undefined;
  const fresh = new Map<number, string>();

  const read = (run: number, place: Place): string => {
    const text = textAt(path, place);
    if (text !== undefined) return text;
    fault = `${path}: the line of run ${run} does not match its checksum`;
    throw new PapilioError('store-unavailable', fault);
  };
  const resting: Keeping['resting'] = {
    has: (run) => fresh.has(run) || places.has(run),
    get: (run) => {
      const place = places.get(run);
      return fresh.get(run) ?? (place && read(run, place));
    },
    put: (run, text) => void fresh.set(run, text),
  };

  const forget = (): void => {
    [places, endBytes, fault] = [new Map(), 0, undefined];
    fresh.clear();
  };

  /** Takes the places that a save named; false if the file does not reach so far. What lies behind was not saved. */
  const restore = async (known: ReadonlyMap<number, Place>, ownBytes: number): Promise<boolean> => {
    forget();
    if (((await disk.sizeOf(path)) ?? 0) < ownBytes) return false;
    [places, endBytes] = [known, ownBytes];
    return true;
  };

  const append = async (bytes: Buffer, offsetBytes: number): Promise<void> => {
    await (await disk.open(path, 'a')).close();
    const file = await disk.open(path, 'r+');
    try {
      await file.truncate(offsetBytes);
      await file.write(bytes, offsetBytes);
      await file.sync();
    } finally {
      await file.close();
    }
  };

  /** The state is taken at once: what comes to rest afterwards is for the next time. */
  const begin = (): Batch => {
    const batch = [...fresh];
    const next = new Map(places);
    const chunks: Buffer[] = [];
    let offsetBytes = endBytes;
    for (const [run, text] of batch) {
      const bytes = Buffer.from(text);
      next.set(run, [offsetBytes, bytes.length, crc32(bytes)]);
      chunks.push(bytes, Buffer.from('\n'));
      offsetBytes += bytes.length + 1;
    }
    const start = endBytes;
    return {
      places: next,
      endBytes: offsetBytes,
      write: async () => {
        if (batch.length > 0) await append(Buffer.concat(chunks), start);
      },
      written: () => {
        [places, endBytes] = [next, offsetBytes];
        for (const [run, text] of batch) if (fresh.get(run) === text) fresh.delete(run);
      },
    };
  };
  return { resting, forget, restore, begin, fault: () => fault };
};
