import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import type { Log } from '#lib/log';
import { turn } from '#lib/turn';
import type { Disk } from '#ports/disk';
import type { Keeping } from '../../functions/api/following/keeping.ts';
import { hasCode } from '../engine/disk.ts';
import { openResting, Place } from './resting-runs.ts';

/**
 * What the front counted, in `front/` of the data folder: `checkpoint.jsonl`, replaced whole with each save, and
 * `runs.jsonl`, to which runs are appended that rest. A kill at any write leaves the last save, which names how many bytes
 * of `runs.jsonl` are its own.
 */

const Format = z.object({ format: z.literal(1), runsBytes: z.int().min(0), placeLines: z.int().min(0) });
const Places = z.array(z.tuple([z.int().min(0), Place]));
const Trailer = z.object({ checksumSha256: z.string() });

/** So many runs stand in a line. */
const placesInLine = 1_000;
/** Bytes that are read, written or hashed in one turn of the loop. */
const turnBytes = 262_144;

/** A checkpoint that cannot be read: why, for the log. */
class Unreadable extends Error {}

/** Cuts the checksum off a file and compares it. @throws Unreadable */
const contentOf = async (bytes: Buffer): Promise<Buffer> => {
  const end = bytes.lastIndexOf('\n', bytes.length - 2) + 1;
  const trailer = Trailer.safeParse(jsonIn(bytes.toString('utf8', end)));
  if (!trailer.success) throw new Unreadable('it has no end');
  const hash = createHash('sha256');
  for (let at = 0; at < end; at += turnBytes) {
    hash.update(bytes.subarray(at, Math.min(end, at + turnBytes)));
    await turn();
  }
  if (hash.digest('hex') !== trailer.data.checksumSha256) throw new Unreadable('it does not match its checksum');
  return bytes.subarray(0, end);
};

const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const linesIn = async (content: Buffer): Promise<string[]> => {
  const lines: string[] = [];
  let turnedAt = 0;
  for (let at = 0; at < content.length; ) {
    const end = content.indexOf('\n', at);
    lines.push(content.toString('utf8', at, end));
    at = end + 1;
    if (at - turnedAt < turnBytes) continue;
    turnedAt = at;
    await turn();
  }
  return lines;
};

/** The first lines of a file say how to read it. @throws Unreadable */
const readLines = async (bytes: Buffer) => {
  const [first = '', ...rest] = await linesIn(await contentOf(bytes));
  const format = Format.safeParse(jsonIn(first));
  if (!format.success) throw new Unreadable('it has another format');
  const { runsBytes, placeLines } = format.data;
  const places = rest.slice(0, placeLines).flatMap((line) => Places.parse(JSON.parse(line)));
  return { runsBytes, places, lines: rest.slice(placeLines) };
};

const placeLinesOf = (places: ReadonlyMap<number, Place>): string[] => {
  const all = [...places];
  const lines: string[] = [];
  for (let at = 0; at < all.length; at += placesInLine) lines.push(JSON.stringify(all.slice(at, at + placesInLine)));
  return lines;
};

/** Writes lines with their checksum beside a file, and puts them in its place. */
const replaceWhole = async (disk: Disk, path: string, lines: readonly string[]): Promise<void> => {
  const draft = `${path}.tmp`;
  const file = await disk.open(draft, 'w');
  try {
    const hash = createHash('sha256');
    let offsetBytes = 0;
    const put = async (text: string): Promise<void> => {
      const bytes = Buffer.from(text);
      hash.update(bytes);
      await file.write(bytes, offsetBytes);
      offsetBytes += bytes.length;
      await turn();
    };
    let text = '';
    for (const line of lines) {
      text += `${line}\n`;
      if (text.length < turnBytes) continue;
      await put(text);
      text = '';
    }
    await put(text);
    await file.write(Buffer.from(`${JSON.stringify({ checksumSha256: hash.digest('hex') })}\n`), offsetBytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(draft, path);
  await disk.syncFolder(dirname(path));
};

/** Reason for which a checkpoint cannot be read; undefined if it can, or there is none. Changes nothing. */
export const checkpointFault = async (disk: Disk, path: string): Promise<string | undefined> => {
  try {
    await readLines(await disk.readFile(path));
    return undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    return error instanceof Error ? error.message : String(error);
  }
};

/** Opens what a front counted before, in its folder. */
export const openCheckpoint = async (disk: Disk, log: Log, folder = 'front'): Promise<Keeping> => {
  const path = join(folder, 'checkpoint.jsonl');
  await disk.makeFolder(folder).catch((error: unknown) => log.warn({ reason: String(error) }, 'folder cannot be made'));
  const runs = openResting(disk, join(folder, 'runs.jsonl'));

  const clear = async (): Promise<void> => {
    runs.forget();
    try {
      await disk.remove(path);
      await disk.syncFolder(folder);
    } catch (error) {
      log.warn({ reason: String(error) }, 'checkpoint cannot be removed');
    }
  };
  const load = async (): Promise<readonly string[] | undefined> => {
    try {
      const { runsBytes, places, lines } = await readLines(await disk.readFile(path));
      if (!(await runs.restore(new Map(places), runsBytes))) throw new Unreadable('runs.jsonl is shorter than it says');
      return lines;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined;
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ path, reason }, 'checkpoint not used; all events are counted again');
      await clear();
      return undefined;
    }
  };
  const save = async (lines: readonly string[]): Promise<void> => {
    const { places, endBytes, write, written } = runs.begin();
    await write();
    const placeLines = placeLinesOf(places);
    const first = JSON.stringify({ format: 1, runsBytes: endBytes, placeLines: placeLines.length });
    await replaceWhole(disk, path, [first, ...placeLines, ...lines]);
    written();
  };
  return { resting: runs.resting, load, save, clear, fault: runs.fault };
};
