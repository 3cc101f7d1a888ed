import { createHash } from 'node:crypto';
import type { Config } from '#lib/config';
import type { Log } from '#lib/log';
import { executionLogs } from '#lib/records';
import type { Clock } from '#ports/clock';
import type { EventLog } from '#ports/event-log';
import type { Store } from '#ports/store';
import type { NewEvent } from '#schema/event';
import type { Plane } from '../../functions/catalog.ts';
import type { Engine } from '../engine/engine.ts';
import type { ExecutionNote } from '../stepfunctions/execution-notes.ts';
import { backoffMs, sleep } from './backoff.ts';

/** A transaction has 99 writes and events; one is the position. */
const batchSize = 90;
/** Notes are gathered for so long, so that a busy plane writes full batches. */
const gatherMs = 200;
/** Beyond so many notes, memory is freed and the rest is read from the engine again. */
const mostWaiting = 20_000;
const id = 'execution-log';

type Options = {
  readonly plane: Plane;
  readonly config: Config;
  readonly store: Store;
  /** Log of the same store. */
  readonly events: Pick<EventLog, 'head'>;
  readonly clock: Clock;
  readonly log: Log;
};

/** Type of the event that each kind of note becomes. */
const facts = { started: { type: 'execution.started' }, ended: { type: 'execution.ended' } } as const;

/** The event of a note. Its id follows from name, ARN and start of the execution, so that a repeat is the same event. */
const eventOf = (note: ExecutionNote, { plane, config }: Pick<Options, 'plane' | 'config'>): NewEvent => {
  const { PAPILIO_INSTANCE: instance, PAPILIO_WING: wing, PAPILIO_EPOCH: epoch, PAPILIO_BUILD: build } = config;
  const { kind, arn, name, machine, startedAtMs, atMs, parent, status, error, eventCount, redriveCount } = note;
  const version = kind === 'started' ? 1 : 2 + redriveCount;
  const key = createHash('sha256').update(`${arn} ${startedAtMs}`).digest('hex').slice(0, 24);
  const ended = {
    status,
    startedAt: new Date(startedAtMs).toISOString(),
    eventCount,
    ...(error === undefined ? {} : { error }),
    ...(redriveCount === 0 ? {} : { redriveCount }),
  };
  return {
    id: `${name}_${key}_${wing}-${plane}-${version}`,
    ...facts[kind],
    source: `/${instance}/${wing}/${plane}`,
    subject: name,
    version,
    time: new Date(atMs).toISOString(),
    epoch,
    ...(parent === undefined ? {} : { cause: parent }),
    by: machine,
    build,
    data: { machine, ...(kind === 'ended' ? ended : {}) },
  };
};

type Followed = Pick<Engine, 'executionsAfter' | 'synced'>;

/** Copies starts and ends of executions from the engine's journal into the event log, at least once and in order. */
export class ExecutionLogWriter {
  readonly #options: Options;
  readonly #closing = new AbortController();
  #engine: Followed | undefined;
  #waiting: ExecutionNote[] = [];
  #version = 0;
  #position = 0;
  #isBehind = true;
  #running: Promise<void> | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Takes a note in the order of the journal; costs an array element. */
  readonly note = (note: ExecutionNote): void => {
    this.#waiting.push(note);
    if (this.#waiting.length > mostWaiting) {
      this.#waiting = [];
      this.#isBehind = true;
    }
    this.#start();
  };

  /** Writes what an earlier process did not, then follows. A folder of an earlier build begins with what happens from now on. */
  async begin(engine: Followed): Promise<void> {
    const { store, events } = this.#options;
    const isOlder = (await executionLogs.get(store, id)) === undefined && (await events.head()) > 0;
    if (isOlder) {
      const position = engine.executionsAfter(0).at(-1)?.position ?? 0;
      await store.transact({ writes: [executionLogs.put(id, { id, position }, 0)], events: [] });
    }
    this.#engine = engine;
    this.#start();
  }

  /** Notes that are not in the log yet; at least one while the rest is to be read from the engine. */
  get waiting(): number {
    return Math.max(this.#waiting.length, this.#isBehind ? 1 : 0);
  }

  /** Resolves when everything noted so far is written, or could not be. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
    if (this.#engine !== undefined) await this.#writeAll(this.#engine).catch(() => undefined);
  }

  #start(): void {
    const engine = this.#engine;
    if (engine === undefined || this.#closing.signal.aborted) return;
    this.#running ??= this.#follow(engine).finally(() => {
      this.#running = undefined;
      if (this.#waiting.length > 0) this.#start();
    });
  }

  async #follow(engine: Followed): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#closing;
    await sleep(clock, gatherMs, signal);
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        return await this.#writeAll(engine);
      } catch (thrown) {
        this.#isBehind = true;
        if (failures === 1) log.warn({ reason: String(thrown) }, 'execution events wait for the store');
        await sleep(clock, backoffMs(failures, Math.random()), signal);
      }
    }
  }

  async #writeAll(engine: Followed): Promise<void> {
    while (this.#isBehind || this.#waiting.length > 0) {
      if (this.#isBehind) await this.#catchUp(engine);
      const batch = this.#waiting.slice(0, batchSize);
      if (batch.length === 0) return;
      await this.#write(engine, batch);
      // Notes that were let go meanwhile are read from the engine again.
      if (!this.#isBehind) this.#waiting = this.#waiting.slice(batch.length);
    }
  }

  /** Reads position and engine again; what waits and lies before the engine's last note is among its notes. */
  async #catchUp(engine: Followed): Promise<void> {
    const stored = await executionLogs.get(this.#options.store, id);
    this.#version = stored?.version ?? 0;
    this.#position = stored?.doc.position ?? 0;
    const known = engine.executionsAfter(this.#position);
    const seen = known.at(-1)?.position ?? this.#position;
    this.#waiting = [...known, ...this.#waiting.filter((note) => note.position > seen)];
    this.#isBehind = false;
  }

  async #write(engine: Followed, notes: readonly ExecutionNote[]): Promise<void> {
    const position = Math.max(this.#position, notes.at(-1)?.position ?? 0);
    // An event must not speak of what a power cut could undo.
    await engine.synced();
    await this.#options.store.transact({
      writes: [executionLogs.put(id, { id, position }, this.#version)],
      events: notes.map((note) => eventOf(note, this.#options)),
    });
    this.#version += 1;
    this.#position = position;
  }
}
