import { closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { jsonOf } from './model/json.ts';
import { attemptShardOf } from './model/shard.ts';
import { AttemptEnd } from './schema/job.ts';

/** Folders in the folder of a local facility. */
export const attemptFolders = { live: 'live', ended: 'ended', removed: 'removed' } as const;

/** Classes of ended attempts, each kept for its own time. */
export const endedClasses = ['succeeded', 'failed'] as const;
export type EndedClass = (typeof endedClasses)[number];

/** First line of the file of an ended attempt; the rest of the file is the log. Readers ignore further fields. */
export const EndedAttempt = z.object({
  attemptId: z.string(),
  end: AttemptEnd,
  handle: z.string().optional(),
  /** The intent as it was submitted. */
  job: z.unknown().optional(),
  /** Messages of the shell that ran the payload. */
  note: z.string().optional(),
});
export type EndedAttempt = z.infer<typeof EndedAttempt>;

/** Path of the file of an ended attempt: a pure function of its id and class, so that a lookup reads no folder. */
export const endedPathOf = (folder: string, endedClass: EndedClass, attemptId: string): string =>
  join(folder, attemptFolders.ended, endedClass, attemptShardOf(attemptId), `${attemptId}.log`);

/** The file of an ended attempt, if it is still kept. */
export const findEnded = (folder: string, attemptId: string): string | undefined =>
  endedClasses.map((one) => endedPathOf(folder, one, attemptId)).find((path) => existsSync(path));

const reserved: ReadonlySet<string> = new Set(Object.values(attemptFolders));

/** Where earlier builds kept an attempt: directly in the facility's folder. Undefined for a name that this build uses there. */
export const oldPathOf = (folder: string, attemptId: string): string | undefined =>
  reserved.has(attemptId) ? undefined : join(folder, attemptId);

/** Folder of an attempt that was not released, if there is one. */
export const findUnreleased = (folder: string, attemptId: string): string | undefined =>
  [join(folder, attemptFolders.live, attemptId), oldPathOf(folder, attemptId)].find(
    (path) => path !== undefined && existsSync(path),
  );

const pieceBytes = 16_384;
const newline = 10;

/** Bytes of the file's first line, without its end; a file that has no end of line is all one line. */
const firstLine = (file: number): Buffer => {
  const pieces: Buffer[] = [];
  for (let at = 0; ; ) {
    const piece = Buffer.allocUnsafe(pieceBytes);
    const read = piece.subarray(0, readSync(file, piece, 0, pieceBytes, at));
    const end = read.indexOf(newline);
    pieces.push(end < 0 ? read : read.subarray(0, end));
    if (end >= 0 || read.length === 0) return Buffer.concat(pieces);
    at += read.length;
  }
};

/** Header of an ended attempt and the byte at which its log begins. `attempt` is undefined if the header is damaged. */
export type EndedHeader = { readonly attempt: EndedAttempt | undefined; readonly logFirstByte: number };

/** Reads the header of an ended attempt; undefined if the file is gone. */
export const readEndedHeader = (path: string): EndedHeader | undefined => {
  if (!existsSync(path)) return undefined;
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const line = firstLine(file);
    return { attempt: EndedAttempt.safeParse(jsonOf(line.toString('utf8'))).data, logFirstByte: line.length + 1 };
  } finally {
    closeSync(file);
  }
};

/** How an ended attempt ended. A damaged header counts as lost: an attempt that ended never becomes unknown while it is kept. */
export const endOfEnded = (path: string, header: EndedHeader): AttemptEnd =>
  header.attempt?.end ?? {
    outcome: 'lost',
    endedAt: statSync(path).mtime.toISOString(),
    reason: `its record in ${path} cannot be read`,
  };
