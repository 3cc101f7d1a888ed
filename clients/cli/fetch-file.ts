import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { crc32c } from '../http/crc32c.ts';
import { type Have, missingBytes, needChecksum, nothingYet, type Remote, withPiece } from '../http/download.ts';
import { UsageError } from './failure.ts';
import type { Io, Stream } from './io.ts';
import { size } from './words.ts';

/** A remote file with the name that the server gives it. */
export type NamedRemote = Remote & {
  readonly fileName: string;
  /** For the person who fetches it: what the file lacks. */
  readonly warning?: string;
};
/** A file that lies here now. */
export type Fetched = { readonly path: string; readonly isNew: boolean };
export type FetchOptions = { readonly isForced: boolean; readonly io: Io };

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

const statOf = (path: string) =>
  stat(path).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw new UsageError(`${path}: ${String(error)}`, 'name a file in a folder that you may write');
  });

/** A server's name for a file, if it is one: never a path out of the folder. @throws UsageError */
const safeName = (name: string): string => {
  if (/^[A-Za-z0-9][\w.-]{0,200}$/.test(name)) return name;
  throw new UsageError(`the server names the file ${JSON.stringify(name)}, which is not a file name`, '--to FILE');
};

/** Path of the local file: as given, in the folder that was given, or in the current folder. */
export const localPath = async (to: string | undefined, { fileName }: NamedRemote): Promise<string> => {
  if (to === undefined) return safeName(fileName);
  return (await statOf(to))?.isDirectory() ? join(to, safeName(fileName)) : to;
};

const readHave = async (path: string): Promise<Have> => {
  let have = nothingYet;
  for await (const bytes of createReadStream(path))
    have = { sizeBytes: have.sizeBytes + bytes.length, crc: crc32c(bytes, have.crc) };
  return have;
};

const isSame = ({ sizeBytes, checksumCrc32c }: Remote, have: Have): boolean =>
  have.sizeBytes === sizeBytes && have.crc === Number.parseInt(checksumCrc32c, 16);

/** Prints on a terminal how far a download is, a line that replaces itself. */
const progressOn = (err: Stream, { name, sizeBytes }: Remote) => {
  let shown = -1;
  return {
    show: (doneBytes: number): void => {
      const percent = Math.floor((100 * doneBytes) / Math.max(1, sizeBytes));
      if (!err.isTTY || percent === shown) return;
      shown = percent;
      err.write(`\r\x1b[K${name}  ${percent} %  ${size(doneBytes)} of ${size(sizeBytes)}`);
    },
    end: (): void => {
      if (err.isTTY && shown >= 0) err.write('\r\x1b[K');
    },
  };
};

/** Appends what is missing of a file to its part, from what is there on; returns what is there then. */
const append = async (file: FileHandle, remote: Remote, before: Have, io: Io): Promise<Have> => {
  const progress = progressOn(io.err, remote);
  let have = before;
  try {
    for await (const piece of missingBytes(remote, before, io.signal)) {
      if (piece.atByte === 0) await file.truncate(0);
      await file.write(piece.bytes, 0, piece.bytes.length, piece.atByte);
      have = withPiece(have, piece);
      progress.show(have.sizeBytes);
    }
  } finally {
    progress.end();
  }
  return have;
};

const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(dirname(resolve(path)), 'r');
  await folder.sync().finally(() => folder.close());
};

/** Downloads into `<path>.part`, from where an earlier download stopped; then checks, syncs and renames it. */
const download = async (remote: Remote, path: string, io: Io): Promise<void> => {
  const part = `${path}.part`;
  const earlier = await statOf(part);
  const before = earlier !== undefined && earlier.size <= remote.sizeBytes ? await readHave(part) : nothingYet;
  const file = await open(part, earlier === undefined ? 'w' : 'r+').catch((error: Error) => {
    throw new UsageError(`${part} cannot be written: ${error.message}`, 'name a file in a folder that you may write');
  });
  try {
    if (before.sizeBytes === 0) await file.truncate(0);
    const have = await append(file, remote, before, io);
    await file.sync();
    needChecksum(remote, have);
  } catch (thrown) {
    // A part with wrong bytes would spoil every later try; one that is only short is gone on with.
    if ((await file.stat()).size >= remote.sizeBytes) await rm(part, { force: true });
    throw thrown;
  } finally {
    await file.close();
  }
  await rename(part, path);
  await syncFolder(path);
};

/** Fetches a file to a path. The same file there already is left as it is. @throws UsageError for another one, unless forced */
export const fetchFile = async (
  remote: NamedRemote,
  path: string,
  { isForced, io }: FetchOptions,
): Promise<Fetched> => {
  const known = await statOf(path);
  if (known?.isFile() && isSame(remote, await readHave(path))) return { path, isNew: false };
  if (known && (!isForced || !known.isFile()))
    throw new UsageError(`${path} exists and is not ${remote.name}`, 'name another file, or replace it with --force');
  await download(remote, path, io);
  return { path, isNew: true };
};

/** Writes a file's bytes to the standard output. @throws ApiError after them if their checksum is wrong */
export const printFile = async (remote: Remote, io: Io): Promise<void> => {
  let have = nothingYet;
  for await (const piece of missingBytes(remote, have, io.signal)) {
    have = withPiece(have, piece);
    const isFull = io.out.write(piece.bytes) === false && io.out.once !== undefined;
    if (isFull) await new Promise<void>((resolve) => io.out.once?.('drain', resolve));
  }
  needChecksum(remote, have);
};
