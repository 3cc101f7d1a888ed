import { constants, existsSync, watch } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
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

const openLog = async (folder: string): Promise<FileHandle | undefined> => {
  try {
    const file = await open(join(folder, 'log'), flags);
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch {
    // not there yet, or not a file that may be read: nothing to show in both cases
  }
  return undefined;
};

const readPart = async (folder: string, firstByte: number, maxBytes: number): Promise<LogPart> => {
  // Looked for first: what is read after the end was seen is all that there will be.
  const hasEnded = existsSync(join(folder, 'exit.json'));
  const file = await openLog(folder);
  if (!file) return { text: '', endByte: firstByte, isFinal: hasEnded };
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(maxBytes), 0, maxBytes, firstByte);
    const isAtEnd = bytesRead < maxBytes;
    const read = buffer.subarray(0, bytesRead);
    const kept = hasEnded && isAtEnd ? read : read.subarray(0, read.length - incompleteBytes(read));
    return { text: kept.toString('utf8'), endByte: firstByte + kept.length, isFinal: hasEnded && isAtEnd };
  } finally {
    await file.close();
  }
};

/** Resolves when something in the folder changes, or after a time. */
const nextChange = (folder: string, clock: Clock, waitMs: number): Promise<void> =>
  new Promise((resolve) => {
    const watcher = watch(folder);
    const done = (): void => {
      cancel();
      watcher.close();
      resolve();
    };
    const cancel = clock.at(clock.nowMs() + waitMs, done);
    watcher.once('change', done).once('error', done);
  });

/** The logs under a folder of attempts, such as `work/jobs`. */
export const createJobLogs = (folder: string, clock: Clock): JobLogs => ({
  read: async (attemptId, { firstByte, maxBytes, waitMs }) => {
    const own = join(folder, attemptId);
    if (!idForm.test(attemptId) || !existsSync(own)) {
      throw new PapilioError('record-missing', `${attemptId} has left no folder here`);
    }
    const untilMs = clock.nowMs() + waitMs;
    for (;;) {
      const part = await readPart(own, firstByte, maxBytes);
      const leftMs = untilMs - clock.nowMs();
      if (part.text !== '' || part.isFinal || leftMs <= 0) return part;
      await nextChange(own, clock, leftMs);
    }
  },
});
