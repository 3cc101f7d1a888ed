import { constants } from 'node:fs';
import { access, mkdir, readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve } from 'node:path';
import { asPapilioError, PapilioError } from '#lib/errors';
import type { AttemptStatus, Batch, FacilityProbe, Submission } from '#ports/batch';
import type { Clock } from '#ports/clock';
import { asFolderError, systemCodeOf } from './local-disk.ts';
import { type AfterStep, AttemptFolder, checkAttemptId, isAttemptId } from './local-folder.ts';
import { type Limits, openLimits } from './local-limits.ts';
import { handleOf, LocalRun, type Site } from './local-run.ts';
import { Slots } from './local-slots.ts';
import { installWrapper } from './local-wrapper.ts';

/** Where a local facility lives and what it may use. */
export type LocalBatchOptions = {
  /** Holds a folder an attempt; it is the facility's whole memory. */
  readonly folder: string;
  /** Attempts that run side by side. */
  readonly slots: number;
  readonly clock: Clock;
  /** The Node that payloads find first on their PATH; by default the one that runs papilio. */
  readonly node?: string;
  /** A POSIX shell that wraps each payload. */
  readonly shell?: string;
  readonly onWarn?: (reason: string) => void;
  /** Called between any two steps that a kill could separate. */
  readonly afterStep?: AfterStep;
};

/** Most intents of one bundle that are written at a time: syncs share the file system's commits, the loop stays free. */
const writersMax = 16;

const inPool = async <T>(items: readonly T[], use: (item: T) => Promise<void>): Promise<void> => {
  const left = items.values();
  const worker = async () => {
    for (const item of left) await use(item);
  };
  await Promise.all(Array.from({ length: Math.min(writersMax, items.length) }, worker));
};

const isInside = (parent: string, path: string): boolean => {
  const way = relative(parent, path);
  return way !== '' && way !== '..' && !way.startsWith('../') && !isAbsolute(way);
};

/**
 * A facility on this machine: bounded slots, each payload a process group of its own under a shell.
 *
 * Never twice, whatever is killed: a payload of generation N runs only if its wrapper created `started-N`, exclusively;
 * papilio goes on to N + 1 only if it created that file itself. So of all wrappers of an attempt at most one gets past
 * its claim. A claim whose wrapper is gone without `exit.json` is lost, and its attempt ends.
 */
class LocalBatch implements Batch {
  readonly #folder: string;
  readonly #afterStep: AfterStep;
  readonly #site: Site;
  readonly #slots: Slots;
  readonly #limits: Limits;
  /** Attempts that have not ended; the ended ones are read from their folders. */
  readonly #live = new Map<string, LocalRun>();
  /** Intents being written. */
  readonly #admissions = new Map<string, Promise<void>>();
  readonly #listeners = new Set<(status: AttemptStatus) => void>();
  #nextOrder = 1;

  constructor(folder: string, wrapper: string, options: LocalBatchOptions) {
    this.#folder = folder;
    this.#afterStep = options.afterStep ?? (() => undefined);
    this.#site = {
      clock: options.clock,
      shell: options.shell ?? '/bin/sh',
      wrapper,
      node: options.node ?? process.execPath,
      afterStep: this.#afterStep,
      onWarn: options.onWarn ?? (() => undefined),
      onStarted: (run) => this.#onStarted(run),
      onEnded: (run) => this.#onEnded(run),
    };
    this.#slots = new Slots(options.slots, this.#site);
    this.#limits = openLimits(options.clock, this.#slots.running);
  }

  /** Finds every attempt that has not ended: adopts it, ends it, or queues it again. */
  async recover(): Promise<void> {
    const names = (await readdir(this.#folder)).filter(isAttemptId);
    for (const name of names) this.#recoverOne(name);
    this.#slots.pump();
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
      this.#try(() => this.#live.get(attemptId)?.finish({ outcome: 'cancelled', reason: 'it was cancelled' }));
    }
  }

  async log(attemptId: string, firstByte: number, maxBytes: number): Promise<Uint8Array> {
    checkAttemptId(attemptId);
    return this.#folderOf(attemptId).readLog(firstByte, maxBytes);
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
    const { path } = this.#folderOf(attemptId);
    const wanted = resolve(path, relativePath);
    if (!isInside(path, wanted))
      throw new PapilioError('input-invalid', `output ${JSON.stringify(relativePath)} is outside its attempt`);
    try {
      const found = await realpath(wanted);
      // A payload may leave a link to anywhere; that is not its output.
      const isOwn = isInside(await realpath(path), found) && (await stat(found)).isFile();
      return isOwn ? found : undefined;
    } catch (thrown) {
      if (['ENOENT', 'ENOTDIR'].includes(systemCodeOf(thrown))) return undefined;
      throw asFolderError(thrown, wanted);
    }
  }

  async release(attemptId: string): Promise<void> {
    checkAttemptId(attemptId);
    if (this.#live.has(attemptId))
      throw new PapilioError('input-invalid', `${attemptId} has not ended and cannot be released`);
    await this.#folderOf(attemptId)
      .release()
      .catch((thrown: unknown) => {
        if (systemCodeOf(thrown) !== 'ENOENT') throw asFolderError(thrown, attemptId);
      });
  }

  watch(onChange: (status: AttemptStatus) => void): void {
    this.#listeners.add(onChange);
  }

  /** Stops watching. Payloads run on, and are adopted by who opens the folder next. */
  async close(): Promise<void> {
    this.#listeners.clear();
    this.#limits.close();
    this.#slots.close();
    await Promise.allSettled(this.#admissions.values());
  }

  #folderOf(attemptId: string): AttemptFolder {
    return new AttemptFolder(this.#folder, attemptId, this.#afterStep);
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
    const folder = this.#folderOf(attemptId);
    const end = this.#try(() => folder.end());
    if (end === undefined) return { attemptId, state: 'unknown' };
    const identity = folder.identity(folder.generation());
    return { attemptId, state: 'ended', end, ...(identity !== undefined && { handle: handleOf(identity) }) };
  }

  /** Gives a new attempt its slot or place and returns what writes it down; nothing for one that is known already. */
  #reserve(submission: Submission): (() => Promise<void>) | undefined {
    const { attemptId } = submission;
    if (this.#live.has(attemptId)) return undefined;
    const folder = this.#folderOf(attemptId);
    if (this.#try(() => folder.isKnown())) {
      this.#try(() => this.#recoverOne(attemptId));
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

  #recoverOne(attemptId: string): void {
    const folder = this.#folderOf(attemptId);
    if (this.#live.has(attemptId) || folder.hasEnded() || !folder.isKnown()) return;
    const record = folder.record();
    if (record !== undefined) this.#resume(new LocalRun(this.#site, record, folder));
    else folder.writeExit({ reason: 'its job.json cannot be read' });
  }

  /** Takes an attempt up where an earlier process left it. */
  #resume(run: LocalRun): void {
    const { folder, record, attemptId } = run;
    this.#live.set(attemptId, run);
    this.#nextOrder = Math.max(this.#nextOrder, record.order + 1);
    const generation = folder.generation();
    const claim = generation === 0 ? 'void' : folder.settleClaim(generation);
    if (claim === 'wrapper') run.adopt(generation, folder.identity(generation) ?? nobody);
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

/** A process that never was, for a claim whose pid cannot be read. */
const nobody = { pid: 0, start: '', boot: 'unknown' };

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
