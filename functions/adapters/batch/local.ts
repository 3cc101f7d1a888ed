import { constants } from 'node:fs';
import { access, mkdir, readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { asPapilioError, PapilioError } from '#lib/errors';
import type { AttemptStatus, Batch, FacilityProbe, Submission } from '#ports/batch';
import { asFolderError } from './local-disk.ts';
import { checkAttemptId, isAttemptId } from './local-folder.ts';
import { type Keeper, openKeeper } from './local-keeper.ts';
import { type Limits, openLimits } from './local-limits.ts';
import { defaultKeepDays, type LocalBatchOptions } from './local-options.ts';
import { outputIn } from './local-output.ts';
import { inPool } from './local-pool.ts';
import { unknownProcess } from './local-process.ts';
import { Releases } from './local-releases.ts';
import { LocalRun, type Site } from './local-run.ts';
import { AttemptShelf } from './local-shelf.ts';
import { Slots } from './local-slots.ts';
import { installWrapper } from './local-wrapper.ts';

/** Attempts that are recovered in one turn of the loop. */
const recoveredAtOnce = 16;

/**
 * A facility on this machine: bounded slots, each payload a process group of its own under a shell.
 *
 * Never twice, whatever is killed: a payload of generation N runs only if its wrapper created `started-N`, exclusively;
 * papilio goes on to N + 1 only if it created that file itself. So of all wrappers of an attempt at most one gets past
 * its claim. A claim whose wrapper is gone without `exit.json` is lost, and its attempt ends.
 *
 * A start reads the folders in `live/` and nothing of what was released: its cost does not grow with history.
 */
class LocalBatch implements Batch {
  readonly #folder: string;
  readonly #shelf: AttemptShelf;
  readonly #options: LocalBatchOptions;
  readonly #site: Site;
  readonly #slots: Slots;
  readonly #limits: Limits;
  /** Attempts that have not ended; the ended ones are read from the disk. */
  readonly #live = new Map<string, LocalRun>();
  readonly #releases: Releases;
  #keeper: Keeper | undefined;
  /** Intents being written. */
  readonly #admissions = new Map<string, Promise<void>>();
  readonly #listeners = new Set<(status: AttemptStatus) => void>();
  #nextOrder = 1;

  constructor(folder: string, wrapper: string, options: LocalBatchOptions) {
    this.#folder = folder;
    this.#options = options;
    const { onWarn = () => undefined, afterStep = () => undefined } = options;
    this.#shelf = new AttemptShelf({ folder, afterStep, onWarn });
    this.#releases = new Releases(this.#shelf);
    this.#site = {
      clock: options.clock,
      shell: options.shell ?? '/bin/sh',
      wrapper,
      node: options.node ?? process.execPath,
      afterStep,
      onWarn,
      onStarted: (run) => this.#onStarted(run),
      onEnded: (run) => this.#onEnded(run),
    };
    this.#slots = new Slots(options.slots, this.#site);
    this.#limits = openLimits(options.clock, this.#slots.running);
  }

  /** Finds every attempt that was not released: adopts it, ends it, or queues it again. */
  async recover(): Promise<void> {
    await this.#shelf.open();
    const names = (await readdir(this.#shelf.live)).filter(isAttemptId);
    for (const [at, name] of names.entries()) {
      if (at % recoveredAtOnce === 0) await setImmediate();
      await this.#recoverLive(name);
    }
    this.#slots.pump();
    const keepDays = this.#options.keepDays ?? defaultKeepDays;
    const onOld = (attemptId: string) => this.#moveOld(attemptId);
    this.#keeper = openKeeper({ ...this.#site, shelf: this.#shelf, keepDays, onOld });
  }

  async submit(submissions: readonly Submission[]): Promise<readonly AttemptStatus[]> {
    for (const { attemptId } of submissions) checkAttemptId(attemptId);
    // Slots and places are given in the order of the bundle, before anything is written.
    const admitted = submissions.flatMap((submission) => this.#reserve(submission) ?? []);
    const failures: unknown[] = [];
    await inPool(admitted, async (admission) => {
      await admission().catch((thrown: unknown) => failures.push(thrown));
    });
    await Promise.all(submissions.flatMap(({ attemptId }) => this.#admissions.get(attemptId) ?? []));
    if (failures.length > 0) throw asFolderError(failures[0], this.#folder);
    return submissions.map(({ attemptId }) => this.#statusOf(attemptId));
  }

  async status(attemptIds: readonly string[]): Promise<readonly AttemptStatus[]> {
    for (const attemptId of attemptIds) checkAttemptId(attemptId);
    return attemptIds.map((attemptId) => this.#statusOf(attemptId));
  }

  async cancel(attemptIds: readonly string[]): Promise<void> {
    for (const attemptId of attemptIds) {
      checkAttemptId(attemptId);
      await this.#admissions.get(attemptId);
      this.#adoptOld(attemptId);
      this.#try(() => this.#live.get(attemptId)?.finish({ outcome: 'cancelled', reason: 'it was cancelled' }));
    }
  }

  async log(attemptId: string, firstByte: number, maxBytes: number): Promise<Uint8Array> {
    checkAttemptId(attemptId);
    return this.#shelf.readLog(attemptId, firstByte, maxBytes);
  }

  async probe(): Promise<FacilityProbe> {
    const { count: slots, free: slotsFree } = this.#slots;
    try {
      await access(this.#folder, constants.W_OK);
      return { isOnline: true, slots, slotsFree };
    } catch (thrown) {
      return { isOnline: false, slots, slotsFree, reason: asFolderError(thrown, this.#folder).message };
    }
  }

  async outputPath(attemptId: string, relativePath: string): Promise<string | undefined> {
    checkAttemptId(attemptId);
    return outputIn(this.#shelf.folderOf(attemptId).path, relativePath);
  }

  async release(attemptId: string): Promise<void> {
    checkAttemptId(attemptId);
    if (this.#live.has(attemptId))
      throw new PapilioError('input-invalid', `${attemptId} has not ended and cannot be released`);
    await this.#releases.release(attemptId);
  }

  async unreleased(endedBefore: string): Promise<readonly string[]> {
    return this.#releases.held.endedBefore(Date.parse(endedBefore));
  }

  watch(onChange: (status: AttemptStatus) => void): void {
    this.#listeners.add(onChange);
  }

  /** Stops watching. Payloads run on, and are adopted by who opens the folder next. */
  async close(): Promise<void> {
    this.#listeners.clear();
    this.#limits.close();
    this.#slots.close();
    await this.#keeper?.close();
    await Promise.allSettled([...this.#admissions.values(), this.#releases.settled()]);
  }

  #try<T>(action: () => T): T {
    try {
      return action();
    } catch (thrown) {
      throw asFolderError(thrown, this.#folder);
    }
  }

  #statusOf(attemptId: string): AttemptStatus {
    const run = this.#live.get(attemptId);
    if (run !== undefined) return run.status();
    const ended = this.#try(() => this.#releases.statusOf(attemptId));
    if (ended !== undefined) return ended;
    this.#adoptOld(attemptId);
    return this.#live.get(attemptId)?.status() ?? { attemptId, state: 'unknown' };
  }

  /** Takes an attempt of an earlier build over when it is asked for by name: its folder is not in the index of live ones. */
  #adoptOld(attemptId: string): void {
    if (!this.#shelf.hasOld || this.#live.has(attemptId)) return;
    this.#try(() => this.#recoverOne(attemptId));
    this.#slots.pump();
  }

  /** Gives a new attempt its slot or place and returns what writes it down; nothing for one that is known already. */
  #reserve(submission: Submission): (() => Promise<void>) | undefined {
    const { attemptId } = submission;
    if (this.#live.has(attemptId)) return undefined;
    const folder = this.#shelf.folderOf(attemptId);
    if (this.#try(() => folder.isKnown() || this.#shelf.isEnded(attemptId))) {
      this.#adoptOld(attemptId);
      return undefined;
    }
    const { listed, ...intent } = submission;
    const run = new LocalRun(this.#site, { ...intent, order: this.#nextOrder }, folder);
    this.#nextOrder += 1;
    this.#live.set(attemptId, run);
    const hasSlot = this.#slots.reserve(run);
    const written = Promise.withResolvers<void>();
    this.#admissions.set(attemptId, written.promise);
    return async () => {
      try {
        await folder.create(run.record, hasSlot, listed);
        this.#slots.ready(run);
      } catch (thrown) {
        this.#forget(run);
        throw thrown;
      } finally {
        this.#admissions.delete(attemptId);
        written.resolve();
      }
    };
  }

  async #recoverLive(attemptId: string): Promise<void> {
    this.#site.afterStep('looked');
    const folder = this.#shelf.folderOf(attemptId);
    // Without an intent it never started anything; with a record in `ended/` its release was interrupted.
    const isOver = folder.hasEnded() ? this.#shelf.isEnded(attemptId) : !folder.isKnown();
    if (isOver) await this.#shelf.remove(folder.path);
    else this.#recoverOne(attemptId);
  }

  #recoverOne(attemptId: string): void {
    const folder = this.#shelf.folderOf(attemptId);
    if (this.#live.has(attemptId)) return;
    const endedMs = folder.endedMs();
    const record = folder.record();
    if (endedMs !== undefined) {
      this.#releases.held.add(attemptId, endedMs);
    } else if (record !== undefined) {
      this.#resume(new LocalRun(this.#site, record, folder));
    } else if (folder.isKnown()) {
      folder.writeExit({ reason: 'its job.json cannot be read' });
      this.#releases.held.add(attemptId, this.#site.clock.nowMs());
    }
  }

  /** Attempts of earlier builds: one that runs is adopted, one that was released becomes a file, any other waits for its release. */
  async #moveOld(attemptId: string): Promise<void> {
    if (this.#live.has(attemptId) || this.#releases.held.has(attemptId)) return;
    const folder = this.#shelf.folderOf(attemptId);
    const endedMs = folder.endedMs();
    if (endedMs === undefined && !folder.isKnown()) return this.#shelf.remove(folder.path);
    if (endedMs !== undefined && !folder.hasBulk()) return this.release(attemptId);
    this.#adoptOld(attemptId);
  }

  /** Takes an attempt up where an earlier process left it. */
  #resume(run: LocalRun): void {
    const { folder, record, attemptId } = run;
    this.#live.set(attemptId, run);
    this.#nextOrder = Math.max(this.#nextOrder, record.order + 1);
    const generation = folder.generation();
    const claim = generation === 0 ? 'void' : folder.settleClaim(generation);
    if (claim === 'wrapper') run.adopt(generation, folder.identity(generation) ?? unknownProcess);
    else if (claim === 'none') run.endUnstarted({ reason: 'the machine restarted while it was being started' });
    else if (folder.kill() !== undefined) run.endUnstarted({});
    else this.#slots.restore(run);
  }

  #onStarted(run: LocalRun): void {
    this.#slots.running.add(run);
    this.#limits.wake();
    this.#tell(run);
  }

  #onEnded(run: LocalRun): void {
    this.#releases.held.add(run.attemptId, this.#site.clock.nowMs());
    this.#forget(run);
    this.#tell(run);
  }

  #forget(run: LocalRun): void {
    this.#live.delete(run.attemptId);
    this.#slots.remove(run);
    this.#slots.pump();
  }

  #tell(run: LocalRun): void {
    const status = run.status();
    for (const listener of this.#listeners) {
      try {
        listener(status);
      } catch (thrown) {
        // A listener's fault must not look like one of the payload.
        this.#site.onWarn(
          `${status.attemptId} is ${status.state}, but was not heard: ${asPapilioError(thrown).message}`,
        );
      }
    }
  }
}

/** Opens the local facility on its folder and takes over what it finds there. @throws facility-unavailable, store-full */
export const openLocalBatch = async (options: LocalBatchOptions): Promise<Batch> => {
  const folder = resolve(options.folder);
  try {
    await mkdir(folder, { recursive: true });
    const batch = new LocalBatch(folder, await installWrapper(folder), options);
    await batch.recover();
    return batch;
  } catch (thrown) {
    throw asFolderError(thrown, folder);
  }
};
