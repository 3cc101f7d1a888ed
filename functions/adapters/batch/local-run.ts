import { type FSWatcher, watch } from 'node:fs';
import type { AttemptStatus } from '#ports/batch';
import type { Clock } from '#ports/clock';
import type { AttemptEnd } from '#schema/job';
import { asFolderError } from './local-disk.ts';
import type { AfterStep, AttemptFolder } from './local-folder.ts';
import { handleOf, identityOf, isAlive, killAll, type ProcessIdentity, signal } from './local-process.ts';
import type { ExitRecord, JobRecord, KillRecord } from './local-records.ts';
import { payloadEnvironment, startWrapper, unstartedBecause } from './local-wrapper.ts';

/** What every attempt of one local facility shares. */
export type Site = {
  readonly clock: Clock;
  /** A POSIX shell. */
  readonly shell: string;
  /** The installed wrapper. */
  readonly wrapper: string;
  /** The Node that payloads find first on their PATH. */
  readonly node: string;
  readonly afterStep: AfterStep;
  readonly onWarn: (reason: string) => void;
  readonly onStarted: (run: LocalRun) => void;
  readonly onEnded: (run: LocalRun) => void;
};

/** Between SIGTERM and SIGKILL of a cancelled payload. */
const graceMs = 2_000;

/** A peak is written again only when it rose by this much: the file is for a restart, not for a plot. */
const peakStep = 1.02;

const statusKilled = 137;

/**
 * One attempt from its place in the queue to its end. All that it decides by lies in its folder and is read and written
 * in one turn of the loop, so that a cancellation and an end cannot slip between each other, and a restart sees the same.
 */
export class LocalRun {
  readonly record: JobRecord;
  readonly folder: AttemptFolder;
  readonly #site: Site;
  #generation = 0;
  #identity: ProcessIdentity | undefined;
  #startedMs = 0;
  /** True while the wrapper is our child and not reaped: its pid cannot be anybody else's. */
  #isChild = false;
  #kill: KillRecord | undefined;
  #end: AttemptEnd | undefined;
  #isDetached = false;
  #peakMb = 0;
  #writtenPeakMb = 0;
  #watcher: FSWatcher | undefined;
  readonly #cancelTimers: (() => void)[] = [];
  readonly #warned = new Set<string>();

  constructor(site: Site, record: JobRecord, folder: AttemptFolder) {
    this.#site = site;
    this.record = record;
    this.folder = folder;
  }

  get attemptId(): string {
    return this.record.attemptId;
  }

  /** Session and process group of the payload, while it runs. */
  get session(): number | undefined {
    return this.#end === undefined ? this.#identity?.pid : undefined;
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  status(): AttemptStatus {
    const { attemptId } = this;
    const handle = this.#identity === undefined ? undefined : handleOf(this.#identity);
    if (this.#end !== undefined)
      return { attemptId, state: 'ended', end: this.#end, ...(handle !== undefined && { handle }) };
    if (handle === undefined) return { attemptId, state: 'queued' };
    return { attemptId, state: 'running', handle, startedAt: new Date(this.#startedMs).toISOString() };
  }

  /** Starts the payload; its `spawn-N` is durable by now. */
  begin(generation: number): void {
    if (this.hasEnded) return;
    this.#generation = generation;
    const { command } = this.record.payload;
    try {
      if (command[0]) this.#spawn(command);
      else this.endUnstarted({ status: 127, reason: 'the payload names no command' });
    } catch (thrown) {
      this.endUnstarted(unstartedBecause(thrown));
    }
  }

  /** Takes over a payload that an earlier process of papilio started. */
  adopt(generation: number, identity: ProcessIdentity): void {
    this.#generation = generation;
    this.#peakMb = this.folder.peakMb() ?? 0;
    // Watches first and looks after, so that an end between the two is not missed.
    this.#watchFolder();
    this.#started(identity, this.folder.startedMs(generation) ?? this.#site.clock.nowMs());
    this.#kill = this.folder.kill();
    if (this.#kill !== undefined) this.#strike(this.#kill);
    this.look();
  }

  /** Finds out whether the payload has ended; cheap, and right at any moment. */
  look(): void {
    if (this.#isDetached || this.#identity === undefined) return;
    // Asked before the folder is read: who is gone by now has left all that he will ever leave.
    const isGone = !this.#isChild && !isAlive(this.#identity);
    try {
      if (!this.folder.hasEnded()) {
        if (!isGone) return;
        this.#recordVanished(this.#identity);
      }
      if (!isGone) signal(-this.#identity.pid, 'SIGKILL');
      this.#settle();
    } catch (thrown) {
      // A full disk, mostly: it is looked at again with the next sample.
      this.#warn('its end cannot be recorded yet', thrown);
    }
  }

  /** Ends the payload for a reason; the first reason stays, and so does an end that was there before it. */
  finish(kill: KillRecord): void {
    if (this.#end !== undefined || this.#kill !== undefined) return;
    if (this.#identity === undefined) {
      this.folder.writeKill(kill);
      this.endUnstarted({});
      return;
    }
    if (!this.folder.hasEnded()) {
      this.#kill = kill;
      this.#writeKill();
      this.#strike(kill);
    }
    this.look();
  }

  /** Notes what a sample of its processes found. */
  sampled(memoryMb: number, memoryPeakMb: number): void {
    this.#peakMb = Math.max(this.#peakMb, memoryMb, memoryPeakMb);
    if (this.#peakMb > this.#writtenPeakMb * peakStep) this.#writePeak();
  }

  /** Records an end without a process: nothing ran, and nothing will. */
  endUnstarted(exit: ExitRecord): void {
    try {
      this.folder.writeExit(exit);
      this.#settle();
    } catch (thrown) {
      this.#warn('its end cannot be recorded yet', thrown);
      this.#at(this.#site.clock.nowMs() + graceMs, () => this.endUnstarted(exit));
    }
  }

  /** Stops watching; the payload runs on. */
  detach(): void {
    this.#isDetached = true;
    this.#watcher?.close();
    this.#watcher = undefined;
    for (const cancel of this.#cancelTimers.splice(0)) cancel();
  }

  #spawn(command: readonly string[]): void {
    const child = startWrapper({
      shell: this.#site.shell,
      wrapper: this.#site.wrapper,
      folder: this.folder.path,
      generation: this.#generation,
      diskMb: this.record.resources.diskMb,
      command,
      environment: payloadEnvironment(this.#site.node, this.folder.path, this.record),
    });
    child.once('error', (thrown) => this.endUnstarted(unstartedBecause(thrown)));
    if (child.pid === undefined) return;
    this.#site.afterStep('spawned', child.pid);
    this.#isChild = true;
    child.once('exit', () => {
      this.#isChild = false;
      this.look();
    });
    this.#started(identityOf(child.pid), this.#site.clock.nowMs());
  }

  #started(identity: ProcessIdentity, startedMs: number): void {
    this.#identity = identity;
    this.#startedMs = startedMs;
    const { timeoutS } = this.record.resources;
    this.#at(startedMs + timeoutS * 1e3, () =>
      this.finish({ outcome: 'timeout', reason: `the payload ran longer than its limit of ${timeoutS} s` }),
    );
    this.#site.onStarted(this);
  }

  #strike(kill: KillRecord): void {
    const identity = this.#identity;
    if (identity === undefined) return;
    const killNow = () => {
      killAll(identity, this.folder.path);
      this.#site.afterStep('killed');
      this.look();
    };
    if (kill.outcome !== 'cancelled') {
      killNow();
      return;
    }
    if (this.#isChild || isAlive(identity)) signal(-identity.pid, 'SIGTERM');
    this.#at(this.#site.clock.nowMs() + graceMs, killNow);
  }

  /** Writes the end that a wrapper could not: it was killed, with or without us. */
  #recordVanished(identity: ProcessIdentity): void {
    killAll(identity, this.folder.path);
    this.folder.writeExit(this.#kill === undefined ? this.#vanished() : { status: statusKilled, signalled: true });
  }

  #vanished(): ExitRecord {
    const hasBegun = this.folder.void(this.#generation) === 'wrapper';
    return {
      reason: hasBegun ? 'its processes vanished without an exit record' : 'its wrapper ended before the payload began',
    };
  }

  #settle(): void {
    if (this.#end !== undefined) return;
    // Again, in case the disk was full when it was decided.
    if (this.#kill !== undefined) this.folder.writeKill(this.#kill);
    if (this.#peakMb > this.#writtenPeakMb) this.#writePeak();
    if (this.folder.end()?.outcome === 'failed') this.#blameFullDisk();
    this.#end = this.folder.end();
    this.detach();
    this.#site.afterStep('ended');
    this.#site.onEnded(this);
  }

  /** Programs that ignore SIGXFSZ fail by themselves when they meet the limit; it is the limit that ended them. */
  #blameFullDisk(): void {
    const { totalMb, largestMb } = this.folder.diskUse();
    const { diskMb } = this.record.resources;
    if (Math.max(totalMb, largestMb) < diskMb) return;
    this.folder.writeKill({ outcome: 'disk', reason: `the payload failed at its disk limit of ${diskMb} MB` });
  }

  #writeKill(): void {
    try {
      if (this.#kill !== undefined) this.folder.writeKill(this.#kill);
    } catch (thrown) {
      // The payload must end all the more; the record is written again when it has.
      this.#warn('the reason to end it cannot be written yet', thrown);
    }
  }

  #writePeak(): void {
    try {
      this.folder.writePeak(Math.round(this.#peakMb * 1e3) / 1e3);
      this.#writtenPeakMb = this.#peakMb;
    } catch {
      // Of all that a full disk costs, the least; tried again with the next sample.
    }
  }

  #watchFolder(): void {
    try {
      this.#watcher = watch(this.folder.path, { persistent: false }, (_event, name) => {
        if (name === 'exit.json') this.look();
      });
      this.#watcher.on('error', (thrown) => this.#warn('it is watched by samples only', thrown));
    } catch (thrown) {
      this.#warn('it is watched by samples only', thrown);
    }
  }

  /** Says a thing once, however often it is tried again. */
  #warn(what: string, thrown: unknown): void {
    if (this.#warned.has(what)) return;
    this.#warned.add(what);
    this.#site.onWarn(`${this.attemptId}: ${what}: ${asFolderError(thrown, this.folder.path).message}`);
  }

  #at(atMs: number, wake: () => void): void {
    this.#cancelTimers.push(this.#site.clock.at(atMs, wake));
  }
}
