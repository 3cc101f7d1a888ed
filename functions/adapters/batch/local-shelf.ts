import { randomUUID } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, renameSync } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  attemptFolders,
  type EndedAttempt,
  type EndedClass,
  endedPathOf,
  endOfEnded,
  findEnded,
  oldPathOf,
  readEndedHeader,
} from '#lib/ended-attempt';
import { asPapilioError } from '#lib/errors';
import type { AttemptStatus } from '#ports/batch';
import { readRange, syncPath } from './local-disk.ts';
import { type AfterStep, AttemptFolder } from './local-folder.ts';

/** Settings of the places of a facility's attempts. */
export type ShelfOptions = {
  readonly folder: string;
  readonly afterStep: AfterStep;
  readonly onWarn: (reason: string) => void;
};

const copyBytes = 1_000_000;

/** Synced paths of folders that a recursive mkdir made: `first` and the parents of all below it, down to `last`. */
const parentsOfMade = (first: string | undefined, last: string): readonly string[] => {
  const parents = [last];
  if (first === undefined) return parents;
  for (let path = last; path !== dirname(first); path = dirname(path)) parents.push(dirname(path));
  return parents;
};

/**
 * Places of a facility's attempts: `live/<attempt>/` until it is released, then one file in `ended/`. Folders that must
 * go are first renamed into `removed/`, so that no other place ever holds half of one. Earlier builds kept all attempts
 * directly in the facility's folder; those are used where they are, and become files in `ended/` with time.
 */
export class AttemptShelf {
  readonly folder: string;
  readonly live: string;
  readonly removed: string;
  /** True until it is known that no attempt of an earlier build is left. */
  hasOld = true;
  readonly #afterStep: AfterStep;
  readonly #onWarn: (reason: string) => void;

  constructor({ folder, afterStep, onWarn }: ShelfOptions) {
    this.folder = folder;
    this.live = join(folder, attemptFolders.live);
    this.removed = join(folder, attemptFolders.removed);
    this.#afterStep = afterStep;
    this.#onWarn = onWarn;
  }

  async open(): Promise<void> {
    for (const path of [this.live, this.removed, join(this.folder, attemptFolders.ended)])
      await mkdir(path, { recursive: true });
    await syncPath(this.folder);
  }

  /** Folder in which an attempt is, or would be made. */
  folderOf(attemptId: string): AttemptFolder {
    const old = this.hasOld ? oldPathOf(this.folder, attemptId) : undefined;
    const isOld = old !== undefined && existsSync(old);
    return new AttemptFolder(isOld ? this.folder : this.live, attemptId, this.#afterStep);
  }

  isEnded(attemptId: string): boolean {
    return findEnded(this.folder, attemptId) !== undefined;
  }

  /** Status of a released attempt that is still kept. */
  endedStatus(attemptId: string): AttemptStatus | undefined {
    const path = findEnded(this.folder, attemptId);
    const header = path === undefined ? undefined : readEndedHeader(path);
    if (path === undefined || header === undefined) return undefined;
    const handle = header.attempt?.handle;
    const end = endOfEnded(path, header);
    return { attemptId, state: 'ended', end, ...(handle !== undefined && { handle }) };
  }

  async readLog(attemptId: string, firstByte: number, maxBytes: number): Promise<Uint8Array> {
    const folder = this.folderOf(attemptId);
    if (existsSync(folder.path)) return folder.readLog(firstByte, maxBytes);
    const path = findEnded(this.folder, attemptId);
    const header = path === undefined ? undefined : readEndedHeader(path);
    if (path === undefined || header === undefined) return new Uint8Array();
    return readRange(path, header.logFirstByte + firstByte, maxBytes);
  }

  /**
   * Turns the folder of an ended attempt into one file of record and log. Killed between any two steps, the folder is
   * there still or the file is whole; doing it again gives the same file.
   */
  async keep(folder: AttemptFolder, record: EndedAttempt): Promise<void> {
    const draft = join(folder.path, 'ended.tmp');
    await this.#write(draft, folder, record);
    this.#afterStep('record-written');
    const endedClass: EndedClass = record.end.outcome === 'succeeded' ? 'succeeded' : 'failed';
    const path = endedPathOf(this.folder, endedClass, record.attemptId);
    // In one turn of the loop, so that a prune sees the folder with its new entry or not at all.
    const made = mkdirSync(dirname(path), { recursive: true });
    renameSync(draft, path);
    this.#afterStep('record-kept');
    for (const parent of parentsOfMade(made, dirname(path))) await syncPath(parent);
    await this.remove(folder.path);
  }

  /** Removes a folder, whole or not at all for every reader of the other places. */
  async remove(path: string): Promise<void> {
    await this.empty(this.takeOut(path));
  }

  /** Renames a folder into `removed/`; the path that it has there. */
  takeOut(path: string): string {
    const taken = join(this.removed, randomUUID());
    renameSync(path, taken);
    this.#afterStep('folder-moved');
    return taken;
  }

  /** Removes what was taken out; a payload may have closed its folders, which costs space and no more. */
  async empty(taken: string): Promise<void> {
    try {
      await rm(taken, { recursive: true, force: true });
    } catch (thrown) {
      this.#onWarn(`${taken} cannot be removed: ${asPapilioError(thrown).reason}`);
    }
  }

  async #write(draft: string, folder: AttemptFolder, record: EndedAttempt): Promise<void> {
    await rm(draft, { recursive: true, force: true });
    await using target = await open(draft, 'wx', 0o600);
    await target.write(`${JSON.stringify(record)}\n`);
    // A payload owns its folder: its log may have become a link or a pipe.
    const isFile = lstatSync(folder.logPath, { throwIfNoEntry: false })?.isFile() === true;
    for (let at = 0; isFile; ) {
      const piece = await folder.readLog(at, copyBytes);
      if (piece.length === 0) break;
      await target.write(piece);
      at += piece.length;
    }
    await target.sync();
  }
}
