import { constants, existsSync, type FSWatcher, watch } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { findEnded, findUnreleased, readEndedHeader } from '#lib/ended-attempt';
import { PapilioError } from '#lib/errors';
import type { Clock } from '#ports/clock';
import type { JobLogs, LogPart } from '../../functions/api/surroundings.ts';

/** A payload owns its folder: `log` may have become a link or a pipe. Links are not followed, pipes are not waited for. */
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const idForm = /^[A-Za-z0-9][A-Za-z0-9_-]{0,159}$/;

/** Length of the character that begins with a byte, as UTF-8 has it. */
const lengthFrom = (lead: number): number => {
  if (lead < 0xc0) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
};

/** How many bytes at the end begin a character of UTF-8 that is not complete yet. */
const incompleteBytes = (bytes: Uint8Array): number => {
  const start = bytes.findLastIndex((byte) => (byte & 0xc0) !== 0x80);
  const held = bytes.length - start;
  return start >= 0 && held < lengthFrom(bytes[start] ?? 0) ? held : 0;
};

const openLog = async (path: string): Promise<FileHandle | undefined> => {
  try {
    const file = await open(path, flags);
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch {
    // not there yet, or not a file that may be read: nothing to show in both cases
  }
  return undefined;
};

/** Where the log of an attempt is now: in its folder until it is released, behind its record from then on. */
type Place = {
  readonly path: string;
  /** Byte of the file at which the log begins. */
  readonly logFirstByte: number;
  readonly hasEnded: boolean;
  /** Changes when the payload writes; undefined once nothing is written any more. */
  readonly folder?: string;
};

const placeOf = (jobsFolder: string, attemptId: string): Place | undefined => {
  const folder = findUnreleased(jobsFolder, attemptId);
  // The end is looked for first: what is read after it was seen is all that there will be.
  if (folder !== undefined)
    return { path: join(folder, 'log'), logFirstByte: 0, hasEnded: existsSync(join(folder, 'exit.json')), folder };
  const path = findEnded(jobsFolder, attemptId);
  const header = path === undefined ? undefined : readEndedHeader(path);
  return path === undefined || header === undefined
    ? undefined
    : { path, logFirstByte: header.logFirstByte, hasEnded: true };
};

/** Undefined if the log is not where it was: the attempt was released meanwhile. */
const readPart = async (place: Place, firstByte: number, maxBytes: number): Promise<LogPart | undefined> => {
  const { path, logFirstByte, hasEnded, folder } = place;
  const file = await openLog(path);
  if (!file) {
    const isMoved = !existsSync(folder ?? path);
    return isMoved ? undefined : { text: '', endByte: firstByte, isFinal: hasEnded };
  }
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(maxBytes), 0, maxBytes, logFirstByte + firstByte);
    const isAtEnd = bytesRead < maxBytes;
    const read = buffer.subarray(0, bytesRead);
    const kept = hasEnded && isAtEnd ? read : read.subarray(0, read.length - incompleteBytes(read));
    return { text: kept.toString('utf8'), endByte: firstByte + kept.length, isFinal: hasEnded && isAtEnd };
  } finally {
    await file.close();
  }
};

/** Resolves when something in the folder changes, when it is gone, or after a time. */
const nextChange = (folder: string, clock: Clock, waitMs: number): Promise<void> =>
  new Promise((resolve) => {
    const watcher = watchIfAny(folder);
    if (watcher === undefined) return resolve();
    const done = (): void => {
      cancel();
      watcher.close();
      resolve();
    };
    const cancel = clock.at(clock.nowMs() + waitMs, done);
    watcher.once('change', done).once('error', done);
  });

const watchIfAny = (folder: string): FSWatcher | undefined => {
  try {
    return watch(folder);
  } catch {
    return undefined;
  }
};

type Wish = Parameters<JobLogs['read']>[1];

/** One look at the log of an attempt; undefined if there is nothing to return yet, and it pays to look again. */
const look = async (folder: string, attemptId: string, wish: Wish & { readonly leftMs: number }) => {
  const place = placeOf(folder, attemptId);
  if (place === undefined) throw new PapilioError('record-missing', `nothing is kept of attempt ${attemptId}`);
  const part = await readPart(place, wish.firstByte, wish.maxBytes);
  const isAnswer = part !== undefined && (part.text !== '' || part.isFinal || wish.leftMs <= 0);
  return { part: isAnswer ? part : undefined, changing: part === undefined ? undefined : place.folder };
};

/** The logs under a folder of attempts, such as `work/jobs`. */
export const createJobLogs = (folder: string, clock: Clock): JobLogs => ({
  read: async (attemptId, wish) => {
    if (!idForm.test(attemptId)) throw new PapilioError('record-missing', `${attemptId} is not an attempt`);
    const untilMs = clock.nowMs() + wish.waitMs;
    for (;;) {
      const leftMs = untilMs - clock.nowMs();
      const { part, changing } = await look(folder, attemptId, { ...wish, leftMs });
      if (part !== undefined) return part;
      if (changing !== undefined) await nextChange(changing, clock, leftMs);
    }
  },
});
