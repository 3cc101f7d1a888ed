import type { AttemptStatus } from '#ports/batch';
import { asFolderError } from './local-disk.ts';
import { HeldAttempts } from './local-held.ts';
import type { AttemptShelf } from './local-shelf.ts';

/** Attempts after their end: in their folders until they are released, as one file each from then on. */
export class Releases {
  readonly held = new HeldAttempts();
  readonly #shelf: AttemptShelf;
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(shelf: AttemptShelf) {
    this.#shelf = shelf;
  }

  /** Status of an attempt that has ended, as long as it is kept. */
  statusOf(attemptId: string): AttemptStatus | undefined {
    const folder = this.#shelf.folderOf(attemptId);
    const end = folder.end();
    if (end === undefined) return this.#shelf.endedStatus(attemptId);
    const handle = folder.handle();
    return { attemptId, state: 'ended', end, ...(handle !== undefined && { handle }) };
  }

  /** Releases an attempt once, however many ask for it at the same time; does nothing for one that has no folder. */
  async release(attemptId: string): Promise<void> {
    const release = this.#underWay.get(attemptId) ?? this.#release(attemptId);
    this.#underWay.set(attemptId, release);
    try {
      await release;
    } catch (thrown) {
      throw asFolderError(thrown, attemptId);
    } finally {
      this.#underWay.delete(attemptId);
    }
  }

  /** Resolves when no release is under way. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay.values());
  }

  async #release(attemptId: string): Promise<void> {
    const folder = this.#shelf.folderOf(attemptId);
    const end = folder.end();
    if (end === undefined) return;
    await folder.removeBulk();
    await this.#shelf.keep(folder, folder.endedRecord(attemptId, end));
    this.held.delete(attemptId);
  }
}
