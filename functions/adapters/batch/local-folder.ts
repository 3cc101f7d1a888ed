import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type * as z from 'zod';
import type { EndedAttempt } from '#lib/ended-attempt';
import { PapilioError } from '#lib/errors';
import type { Submission } from '#ports/batch';
import type { AttemptEnd } from '#schema/job';
import { type DiskUse, diskUseOf, namesIn, readRange, syncPath, systemCodeOf } from './local-disk.ts';
import { writeInputList } from './local-input-list.ts';
import { bootId, handleOf, type ProcessIdentity, parseIdentity } from './local-process.ts';
import { ExitRecord, endOf, JobRecord, KillRecord } from './local-records.ts';

/** Moments at which the adapter may be killed; a test ends it at each of them. `pid` only where a process was started. */
export type LocalStep =
  | 'folder-made'
  | 'intent-written'
  | 'intent-synced'
  | 'spawn-marked'
  | 'spawned'
  | 'claim-voided'
  | 'kill-written'
  | 'killed'
  | 'exit-written'
  | 'ended'
  | 'bulk-removed'
  | 'record-written'
  | 'record-kept'
  | 'folder-moved'
  | 'looked'
  | 'old-seen'
  | 'shard-seen';
export type AfterStep = (step: LocalStep, pid?: number) => void;

/** Who holds the claim of a generation: nobody yet, a wrapper, or papilio, so that no wrapper ever will. */
export type Claim = 'none' | 'wrapper' | 'void';

const idPattern = /^[A-Za-z0-9_-]{1,160}$/;

/** True for what may become the name of a folder. */
export const isAttemptId = (attemptId: string): boolean => idPattern.test(attemptId);

/** Refuses what is not an attempt id before it becomes part of a path. @throws input-invalid */
export const checkAttemptId = (attemptId: string): void => {
  if (isAttemptId(attemptId)) return;
  throw new PapilioError(
    'input-invalid',
    `attempt id ${JSON.stringify(attemptId.slice(0, 200))} is not 1 to 160 of A-Z a-z 0-9 _ -`,
  );
};

const parsed = <T>(schema: z.ZodType<T>, text: string): T | undefined => {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    // Absent, or torn by a power cut: who reads it decides what that means.
    return undefined;
  }
};

/** Characters of the shell's messages that are kept of an ended attempt. */
const noteMax = 2_000;

/** What stays when an attempt is released: its records and its log. */
const kept = /^(job\.json|exit\.json|kill\.json|log|note|usage|peak|(pid|started|spawn)-\d+)$/;

/**
 * The folder of one attempt: all that the local facility knows of it, and its only memory.
 *
 * `job.json` intent · `spawn-N` papilio is about to start generation N, on this boot · `pid-N`, `started-N` its wrapper
 * runs, and took it (papilio took it, if it reads `void`) · `log` · `note` the shell's words · `usage` CPU times · `peak`
 * memory in MB · `kill.json` why papilio ended it · `exit.json` the end · `out/`, `tmp/` the payload's own.
 */
export class AttemptFolder {
  readonly path: string;
  readonly #parent: string;
  readonly #afterStep: AfterStep;

  constructor(parent: string, attemptId: string, afterStep: AfterStep) {
    this.#parent = parent;
    this.#afterStep = afterStep;
    this.path = join(parent, attemptId);
  }

  /** Writes the intent and syncs it. A folder without `job.json` never started anything, so what is left of it goes. */
  async create(record: JobRecord, isSpawning: boolean, listed?: Submission['listed']): Promise<void> {
    rmSync(this.path, { recursive: true, force: true });
    mkdirSync(join(this.path, 'out'), { recursive: true });
    mkdirSync(this.#at('tmp'));
    if (isSpawning) writeFileSync(this.#at('spawn-1'), bootId);
    this.#afterStep('folder-made');
    const { inputList } = record.payload;
    if (listed && inputList !== undefined) await writeInputList(this.#at(inputList), listed());
    // Written without a hop to another thread; renamed first and synced after, which costs one commit of the file system
    // and not two. Nothing starts before all three are durable, in whatever order they become it.
    writeFileSync(this.#at('job.json.tmp'), `${JSON.stringify(record)}\n`, { flag: 'wx' });
    renameSync(this.#at('job.json.tmp'), this.#at('job.json'));
    this.#afterStep('intent-written');
    await Promise.all([this.#at('job.json'), this.path, this.#parent].map(syncPath));
    this.#afterStep('intent-synced');
  }

  /** True once something may have come of this attempt. One whose intent was torn before its sync never started. */
  isKnown(): boolean {
    if (this.record() !== undefined || this.hasEnded()) return true;
    return namesIn(this.path).some((name) => name.startsWith('started-'));
  }

  record(): JobRecord | undefined {
    return parsed(JobRecord, this.#text('job.json'));
  }

  /** Says, durably, that a generation is about to start. */
  async markSpawn(generation: number): Promise<void> {
    writeFileSync(this.#at(`spawn-${generation}`), bootId);
    await syncPath(this.path);
    this.#afterStep('spawn-marked');
  }

  /** The last generation that papilio was about to start; 0 if none ever was. */
  generation(): number {
    const numbers = readdirSync(this.path).map((name) => Number(/^spawn-(\d+)$/.exec(name)?.[1] ?? 0));
    return Math.max(0, ...numbers);
  }

  claim(generation: number): Claim {
    const text = this.#textIfAny(`started-${generation}`);
    if (text === undefined) return 'none';
    return text === '' ? 'wrapper' : 'void';
  }

  /** Takes the claim away from a wrapper that has not taken it yet, for good; returns who holds it now. */
  void(generation: number): Claim {
    const own = this.#at('void.tmp');
    writeFileSync(own, 'void');
    try {
      // A link appears whole and only where nothing was: as exclusive as the wrapper's own creation.
      linkSync(own, this.#at(`started-${generation}`));
    } catch (thrown) {
      if (systemCodeOf(thrown) !== 'EEXIST') throw thrown;
    }
    this.#afterStep('claim-voided');
    return this.claim(generation);
  }

  /** Who holds the claim, made certain: papilio takes one that is free. `none`: a restart of the machine hides who had it. */
  settleClaim(generation: number): Claim {
    const claim = this.claim(generation);
    if (claim !== 'none') return claim;
    const isOfThisBoot = bootId === '' || this.#text(`spawn-${generation}`) === bootId;
    return isOfThisBoot ? this.void(generation) : 'none';
  }

  identity(generation: number): ProcessIdentity | undefined {
    return parseIdentity(this.#text(`pid-${generation}`));
  }

  startedMs(generation: number): number | undefined {
    if (this.claim(generation) !== 'wrapper') return undefined;
    return statSync(this.#at(`started-${generation}`)).mtimeMs;
  }

  writeKill(kill: KillRecord): void {
    this.#replace('kill.json', JSON.stringify(kill));
    this.#afterStep('kill-written');
  }

  kill(): KillRecord | undefined {
    return parsed(KillRecord, this.#text('kill.json'));
  }

  writeExit(exit: ExitRecord): void {
    this.#replace('exit.json', JSON.stringify(exit));
    this.#afterStep('exit-written');
  }

  hasEnded(): boolean {
    return existsSync(this.#at('exit.json'));
  }

  /** When the attempt ended; undefined while it has not. */
  endedMs(): number | undefined {
    return statSync(this.#at('exit.json'), { throwIfNoEntry: false })?.mtimeMs;
  }

  writePeak(memoryMb: number): void {
    writeFileSync(this.#at('peak'), String(memoryMb));
  }

  peakMb(): number | undefined {
    const text = this.#text('peak');
    return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
  }

  /** How the attempt ended, if it has. */
  end(): AttemptEnd | undefined {
    const endedMs = this.endedMs();
    if (endedMs === undefined) return undefined;
    return endOf({
      exit: parsed(ExitRecord, this.#text('exit.json')),
      kill: this.kill(),
      command: this.record()?.payload.command ?? [],
      startedMs: this.startedMs(this.generation()),
      endedMs,
      usage: this.#text('usage'),
      memoryPeakMb: this.peakMb(),
    });
  }

  diskUse(): DiskUse {
    return diskUseOf(this.path);
  }

  async readLog(firstByte: number, maxBytes: number): Promise<Uint8Array> {
    return readRange(this.#at('log'), firstByte, maxBytes);
  }

  get logPath(): string {
    return this.#at('log');
  }

  /** True while it may hold outputs: those go with the release. */
  hasBulk(): boolean {
    return existsSync(this.#at('out'));
  }

  /** Removes everything but the records and the log. */
  async removeBulk(): Promise<void> {
    const names = await readdir(this.path);
    for (const name of names) {
      if (!kept.test(name)) await rm(this.#at(name), { recursive: true, force: true });
    }
    this.#afterStep('bulk-removed');
  }

  /** Handle of the process that ran last. */
  handle(): string | undefined {
    const identity = this.identity(this.generation());
    return identity === undefined ? undefined : handleOf(identity);
  }

  /** All that is kept of an attempt that has ended, besides its log. */
  endedRecord(attemptId: string, end: AttemptEnd): EndedAttempt {
    const handle = this.handle();
    const job = this.record();
    const note = this.#text('note').slice(0, noteMax);
    return {
      attemptId,
      end,
      ...(handle !== undefined && { handle }),
      ...(job !== undefined && { job }),
      ...(note !== '' && { note }),
    };
  }

  #at(name: string): string {
    return join(this.path, name);
  }

  #textIfAny(name: string): string | undefined {
    try {
      return readFileSync(this.#at(name), 'utf8');
    } catch (thrown) {
      if (systemCodeOf(thrown) === 'ENOENT') return undefined;
      throw thrown;
    }
  }

  #text(name: string): string {
    return this.#textIfAny(name) ?? '';
  }

  #replace(name: string, text: string): void {
    writeFileSync(this.#at(`${name}.own.tmp`), `${text}\n`);
    renameSync(this.#at(`${name}.own.tmp`), this.#at(name));
  }
}
