import { randomUUID } from 'node:crypto';
import { ActivityDesk } from './activities/desk.ts';
import { childrenOf, type MapRun } from './distributed/map-run.ts';
import { Effects } from './effects.ts';
import { EXECUTION_TIMER } from './end-run.ts';
import { Callers } from './express/callers.ts';
import { advanceExpress, beginExpress, callersSerial, isUnknownToJournal, repeatExpress } from './express/fold.ts';
import type { Host, LiveContext, NewExecution, Started, StartedSync } from './host.ts';
import type { Json } from './json.ts';
import { Evaluator } from './jsonata/evaluator.ts';
import type { Question } from './jsonata/question.ts';
import { isOutlived } from './machines/deleted.ts';
import type { Target } from './machines/target.ts';
import { revisionFor } from './machines/versions.ts';
import type { Command, Run, Turn } from './model.ts';
import type { PlainRecord, RedrivenRecord, StartedRecord, TurnRecord } from './records.ts';
import type { Execution, Registry } from './registry.ts';
import { inRounds, Rounds } from './rounds.ts';
import type { Answer, Stimulus } from './stimulus.ts';
import { Timers } from './timers.ts';

type PendingRequest = Extract<Command, { type: 'request' }>;

/** After this time a turn that the journal refused (it is full) is tried again. */
const RETRY_MS = 1000;

/** Ends an execution whose machine is deleted. */
const OUTLIVED: Stimulus = { type: 'stop', cause: 'The state machine has been deleted.' };

/** False for an answer that comes too late: it needs no turn. */
const isWanted = (run: Run, stimulus: Stimulus): boolean => {
  if (stimulus.type === 'goOn') return run.rest !== undefined;
  return stimulus.type === 'stop' || stimulus.pending === EXECUTION_TIMER || run.pending.has(stimulus.pending);
};

/** Lets executions happen: journals each turn and has its commands done, what leaves the journal only when it is synced. */
export class Live implements Host {
  readonly registry: Registry;
  readonly context: LiveContext;
  readonly activities: ActivityDesk = new ActivityDesk(this);
  readonly #timers: Timers;
  readonly #effects: Effects;
  readonly #evaluator = new Evaluator();
  readonly #callers = new Callers();
  readonly #rounds = new Rounds((serial) => this.deliver(serial, { type: 'goOn' }));
  #isClosed = false;

  constructor(registry: Registry, context: LiveContext) {
    this.registry = registry;
    this.context = context;
    this.#effects = new Effects(this);
    this.#timers = new Timers(
      context.clock,
      (serial, pending) => this.#dueAtMs(serial, pending),
      (serial, pending) => this.deliver(serial, { type: 'timer', pending }),
    );
  }

  async write(record: PlainRecord): Promise<void> {
    const { synced } = this.context.journal.append('sfn', record);
    this.registry.apply(record);
    await synced;
  }

  start({ entry, version, alias }: Target, { name, input, parsed, parent, traceHeader }: NewExecution): Started {
    const record: StartedRecord = {
      kind: 'started',
      machine: entry.name,
      name,
      input,
      ...this.#measure(),
      parent,
      traceHeader,
      version,
      alias,
      express: entry.type === 'EXPRESS' ? randomUUID() : undefined,
    };
    return this.#begin(record, parsed);
  }

  startSync(target: Target, { name, input, parsed, traceHeader }: NewExecution): StartedSync {
    const { registry, context } = this;
    const { machine, home } = revisionFor(target.entry, target);
    const atMs = context.clock.nowMs();
    const identity = {
      serial: callersSerial(),
      name,
      home,
      startedAtMs: atMs,
      inputText: input,
      expressId: randomUUID(),
    };
    const stage = { atMs, secret: registry.secret, work: registry.options.workAtOnce, input: parsed };
    const beginning = { entry: target.entry, machine, identity, parent: undefined, traceHeader };
    const { execution, turn } = beginExpress(registry, beginning, stage);
    const ended = this.#callers.wait(execution);
    this.#follow(execution, turn, Promise.resolve());
    return { execution, ended };
  }

  startChild(run: MapRun, child: { name: string; input: string; parsed: Json; itemCount: number }): Started {
    const { name, input, parsed, itemCount } = child;
    const record: StartedRecord = {
      kind: 'started',
      machine: run.parent.entry.name,
      name,
      input,
      ...this.#measure(),
      share: { run: run.id, index: childrenOf(run), itemCount },
    };
    return this.#begin(record, parsed);
  }

  /** What each turn is written down with. */
  #measure(): { readonly atMs: number; readonly work: number } {
    return { atMs: this.context.clock.nowMs(), work: this.registry.options.workAtOnce };
  }

  #begin(record: StartedRecord, parsed: Json): Started {
    const { at, synced } = this.context.journal.append('sfn', record);
    const { execution, turn } = this.registry.applyStarted(record, at, parsed);
    this.#follow(execution, turn, synced);
    return { execution, synced };
  }

  redrive(execution: Execution, given: RedrivenRecord): Promise<void> {
    const record = { ...given, work: this.registry.options.workAtOnce };
    const { at, synced } = this.context.journal.append('sfn', record);
    const turn = this.registry.applyRedriven(record, at);
    if (turn) this.#follow(execution, turn, synced);
    return synced;
  }

  play(execution: Execution, stimulus: Stimulus): Promise<void> | undefined {
    const { run, identity } = execution;
    if (!run) return undefined;
    if (identity.expressId !== undefined) return this.#playExpress(execution, run, stimulus);
    const record: TurnRecord = {
      kind: 'turn',
      serial: identity.serial,
      ...this.#measure(),
      events: run.eventCount,
      stimulus,
    };
    const { at, synced } = this.context.journal.append('sfn', record);
    const turn = this.registry.applyTurn(record, at);
    if (turn) this.#follow(execution, turn, synced);
    if (isOutlived(execution, record.events)) this.deliver(identity.serial, OUTLIVED);
    return synced;
  }

  #playExpress(execution: Execution, run: Run, stimulus: Stimulus): Promise<void> {
    const turn = advanceExpress(this.registry, execution, run, stimulus, this.context.clock.nowMs());
    this.#followExpress(execution, turn);
    return Promise.resolve();
  }

  #followExpress(execution: Execution, turn: Turn): void {
    this.#follow(execution, turn, Promise.resolve());
    if (!execution.outcome) return;
    if (isUnknownToJournal(execution)) this.#callers.tell(execution, execution.outcome);
    else this.#noteEnd(execution.identity.serial);
  }

  /** What ended and is not noted would begin again after a restart; so one that the journal refuses is kept for later. */
  #noteEnd(serial: number): void {
    if (this.#isClosed) return;
    try {
      this.context.journal.append('sfn', { kind: 'expressEnded', serial }).synced.catch(() => undefined);
    } catch {
      const { clock } = this.context;
      clock.at(clock.nowMs() + RETRY_MS, () => this.#noteEnd(serial));
    }
  }

  get timers(): number {
    return this.#timers.size;
  }

  evaluate(question: Question, signal: AbortSignal): Promise<readonly Answer[]> {
    return this.#evaluator.evaluate(question, signal);
  }

  deliver(serial: number, stimulus: Stimulus): void {
    const execution = this.registry.execution(serial);
    if (this.#isClosed || !execution?.run || !isWanted(execution.run, stimulus)) return;
    try {
      this.play(execution, stimulus)?.catch(() => undefined);
    } catch {
      const { clock } = this.context;
      clock.at(clock.nowMs() + RETRY_MS, () => this.deliver(serial, stimulus));
    }
  }

  /** Sets timers and repeats effects after a recovery; while it does, what they write goes to the disk and calls are answered. */
  resume(): void {
    const repeats: (() => void)[] = [];
    // What these start meanwhile goes its own way.
    for (const execution of [...this.registry.executions]) {
      const { run, share, identity } = execution;
      if (!run) continue;
      if (identity.expressId !== undefined) {
        repeats.push(() => this.#beginAgain(execution));
        continue;
      }
      // Its map run has ended, and the stop that followed was not written any more.
      if (share && share.run.status !== 'RUNNING') this.deliver(run.identity.serial, { type: 'stop' });
      else this.#resume(execution, run, repeats);
    }
    inRounds(repeats, () => this.#isClosed);
  }

  #beginAgain(execution: Execution): void {
    this.#followExpress(execution, repeatExpress(this.registry, execution, this.context.clock.nowMs()));
  }

  /** Sets the timers of an execution, and notes the effects that it waits for. */
  #resume(execution: Execution, run: Run, repeats: (() => void)[]): void {
    const { serial } = run.identity;
    if (run.rest) this.#rounds.add(serial);
    if (Number.isFinite(run.deadlineAtMs)) this.#timers.set(serial, EXECUTION_TIMER, run.deadlineAtMs);
    for (const { pending } of run.pending.values()) {
      if (!pending) continue;
      const { id, dueAtMs, request } = pending;
      if (Number.isFinite(dueAtMs)) this.#timers.set(serial, id, dueAtMs);
      if (request) repeats.push(() => this.#effects.perform(execution, id, request));
    }
  }

  close(): void {
    this.#isClosed = true;
    this.activities.close();
    this.#callers.close();
    this.#timers.close();
    this.#rounds.close();
    this.#effects.close();
    this.#evaluator.close();
  }

  #follow(execution: Execution, turn: Turn, synced: Promise<void>): void {
    this.context.observe?.(execution, turn);
    const { serial } = execution.identity;
    const later: PendingRequest[] = [];
    for (const command of turn.commands) {
      if (command.type === 'request') this.#nowOr(later, execution, command);
      else this.#obey(serial, command);
    }
    if (later.length === 0 && !(execution.parent && execution.outcome)) return;
    synced.then(
      () => this.#perform(execution, later),
      () => undefined,
    );
  }

  #obey(serial: number, command: Exclude<Command, PendingRequest>): void {
    if (command.type === 'timer') this.#timers.set(serial, command.pending, command.atMs);
    else if (command.type === 'goOn') this.#rounds.add(serial);
    else {
      this.#timers.cancelled();
      if (!command.isAnswered) this.#effects.cancel(serial, command.pending);
    }
  }

  /**
   * What goes into this journal stands behind its own turn there, so it need not wait: one sync makes both durable. A
   * child's own children do wait, so that a machine which starts itself lets the loop turn.
   */
  #nowOr(later: PendingRequest[], execution: Execution, command: PendingRequest): void {
    const { request, pending } = command;
    const isInner =
      request.type === 'evaluate' ||
      request.type === 'send' ||
      request.type === 'findActivity' ||
      request.type === 'activity' ||
      (request.type === 'start' && execution.parent === undefined);
    if (isInner && !this.#isClosed) this.#effects.perform(execution, pending, request);
    else later.push(command);
  }

  #perform(execution: Execution, requests: readonly PendingRequest[]): void {
    if (this.#isClosed) return;
    for (const { pending, request } of requests) this.#effects.perform(execution, pending, request);
    if (execution.parent && execution.outcome) this.#effects.report(execution);
  }

  #dueAtMs(serial: number, pending: number): number | undefined {
    const run = this.registry.execution(serial)?.run;
    if (pending === EXECUTION_TIMER) return run?.deadlineAtMs;
    return run?.pending.get(pending)?.pending?.dueAtMs;
  }
}
