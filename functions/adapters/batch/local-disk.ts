import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { asPapilioError, PapilioError } from '#lib/errors';

/** The code of a system error, such as `ENOENT`; `''` for anything else. */
export const systemCodeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';

/** A failure of the facility's folder as a catalogue error. */
export const asFolderError = (thrown: unknown, what: string): PapilioError => {
  const code = systemCodeOf(thrown);
  if (thrown instanceof PapilioError || code === '') return asPapilioError(thrown);
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  return new PapilioError(isFull ? 'store-full' : 'facility-unavailable', `${what}: ${code}`, thrown);
};

/** Makes a file's bytes, or the names in a folder, durable. */
export const syncPath = async (path: string): Promise<void> => {
  await using handle = await open(path, 'r');
  await handle.sync();
};

/** Bytes of a file from `firstByte` on, at most `maxBytes`; none if there is no such file. */
export const readRange = async (path: string, firstByte: number, maxBytes: number): Promise<Uint8Array> => {
  try {
    await using file = await open(path, 'r');
    const sizeBytes = (await file.stat()).size;
    const buffer = Buffer.alloc(Math.max(0, Math.min(maxBytes, sizeBytes - firstByte)));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, firstByte);
    return buffer.subarray(0, bytesRead);
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'ENOENT') return new Uint8Array();
    throw asFolderError(thrown, path);
  }
};

const statIfAny = (path: string): Stats | undefined => {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
};

/** Names in a folder; one that was removed meanwhile, or closed to us, counts as empty. */
export const namesIn = (path: string): readonly string[] => {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
};

/** What an attempt's folder occupies; `entries` is what it costs to find out. */
export type DiskUse = { readonly totalMb: number; readonly largestMb: number; readonly entries: number };

/** Most entries that are looked at when disk use is measured. */
const entriesMax = 100_000;

/** Disk that a folder occupies, and its largest file (holes count there, as they do for `ulimit`). */
export const diskUseOf = (folder: string): DiskUse => {
  const left = [folder];
  let [bytes, largestBytes, entries] = [0, 0, 0];
  for (let path = left.pop(); path !== undefined && entries < entriesMax; path = left.pop()) {
    entries += 1;
    const stat = statIfAny(path);
    if (stat === undefined) continue;
    bytes += stat.blocks * 512;
    if (stat.isDirectory()) left.push(...namesIn(path).map((name) => join(path, name)));
    else largestBytes = Math.max(largestBytes, stat.size);
  }
  return { totalMb: bytes / 1e6, largestMb: largestBytes / 1e6, entries };
};
