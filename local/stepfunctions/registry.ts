import type { Position } from '../engine/part.ts';
import type { ActivityEntry } from './activities/entry.ts';
import { applyActivityRecord } from './activities/fold.ts';
import { isActivityRecord } from './activities/records.ts';
import {
  isHeld,
  type MapRun,
  noteEnded,
  noteRedriven,
  noteStarted,
  noteTurn,
  type Share,
} from './distributed/map-run.ts';
import { beginExpress, endExpress } from './express/fold.ts';
import { arnOf, type Home, type Identity, type Revision } from './identity.ts';
import { advance } from './interpreter.ts';
import type { Json } from './json.ts';
import type { MachineEntry } from './machines/entry.ts';
import { applyMachineRecord } from './machines/fold.ts';
import { revisionFor } from './machines/versions.ts';
import type { Machine, Outcome, Run, Turn } from './model.ts';
import { unpackRun } from './packing/unpack-run.ts';
import { packedPosition, withPosition } from './positions.ts';
import type { Parent, PlainRecord, RedrivenRecord, StartedRecord, TurnRecord } from './records.ts';
import { redriveRun } from './redrive/redrive-run.ts';
import { type Redrives, redrivenAgain } from './redrive/redrives.ts';
import type { RegistryOptions } from './registry-options.ts';
import { StartOrder } from './start-order.ts';
import { startRun } from './start-run.ts';
import type { Stimulus } from './stimulus.ts';
import type { Stage } from './turn.ts';

/** What is kept of an execution: all of it while it runs, a summary afterwards. */
export type Execution = {
  /** Its input text is empty when it was too large to keep; the journal has it. */
  identity: Identity;
  readonly entry: MachineEntry;
  readonly machine: Machine;
  readonly parent: Parent | undefined;
  /** Where its turns lie in the journal. */
  turns: number[];
  run: Run | undefined;
  outcome: Outcome | undefined;
  stoppedAtMs: number | undefined;
  /** Events in its history, known once it has ended. */
  eventCount: number;
  /** False if input or output were too large to keep in memory. */
  isWhole: boolean;
  /** The part of a map run that it works on, if it is a child of a distributed Map. */
  readonly share: Share | undefined;
  /** Those that it has begun. */
  mapRuns: MapRun[] | undefined;
  redrives?: Redrives | undefined;
  readonly traceHeader: string | undefined;
};

const KEPT_INPUT_CHARS = 1024;
const KEPT_OUTPUT_BYTES = 2048;

/** The memory of the part: a fold over its journal records. */
export class Registry {
  readonly machines = new Map<string, MachineEntry>();
  readonly activities = new Map<string, ActivityEntry>();
  readonly executions = new StartOrder();
  /** Those whose caller waits for their end, by a number that the journal does not know. */
  readonly called = new Map<number, Execution>();
  /** Those of each machine, by its name. */
  readonly started = new Map<string, StartOrder>();
  readonly mapRuns = new Map<string, MapRun>();
  /** Children of distributed Maps by the end of their ARN, `machine/label:name`. */
  readonly children = new Map<string, Execution>();
  readonly options: RegistryOptions;
  secret = '';
  lastSerial = 0;
  #finished = 0;
  /** So many may have finished before it is worth a look at which can be forgotten. */
  forgetAt: number;

  constructor(options: RegistryOptions) {
    this.options = options;
    this.forgetAt = options.finishedExecutions * 1.1;
  }

  get running(): number {
    return this.known - this.#finished;
  }

  get known(): number {
    return this.executions.size + this.called.size;
  }

  /** All that are known. */
  *all(): Generator<Execution> {
    yield* this.executions;
    yield* this.called.values();
  }

  /** Finds an execution by its number. */
  execution(serial: number): Execution | undefined {
    return serial < 0 ? this.called.get(serial) : this.executions.get(serial);
  }

  machineArn(name: string): string {
    return `arn:aws:states:${this.options.region}:${this.options.account}:stateMachine:${name}`;
  }

  activityArn(name: string): string {
    return `arn:aws:states:${this.options.region}:${this.options.account}:activity:${name}`;
  }

  homeOf({ name: machineName, type }: Pick<MachineEntry, 'name' | 'type'>, roleArn: string, revision: Revision): Home {
    const { region, account } = this.options;
    const kind = type === 'EXPRESS' ? 'express' : 'execution';
    return {
      machineName,
      machineArn: this.machineArn(machineName),
      executionPrefix: `arn:aws:states:${region}:${account}:${kind}:${machineName}:`,
      roleArn,
      revision,
      region,
    };
  }

  /** Applies a record that changes no execution. */
  apply(record: PlainRecord): void {
    if (record.kind === 'secret') this.secret = record.secret;
    else if (record.kind === 'expressEnded') endExpress(this, record.serial);
    else if (record.kind === 'mapRunUpdated') {
      const run = this.mapRuns.get(record.id);
      if (run) run.limits = record.limits;
      run?.changed?.();
    } else if (isActivityRecord(record)) applyActivityRecord(this, record);
    else applyMachineRecord(this, record);
  }

  addMachine(entry: MachineEntry): void {
    this.machines.set(entry.name, entry);
  }

  /** What the turn of a record is played with. */
  #stageOf({ atMs, work }: StartedRecord | TurnRecord | RedrivenRecord): Stage {
    return { atMs, work, secret: this.secret };
  }

  /** Starts an execution and runs its first turn. */
  applyStarted(record: StartedRecord, at: Position, input?: Json): { execution: Execution; turn: Turn } {
    const entry = this.machines.get(record.machine);
    if (!entry) throw new Error(`the journal starts an execution of an unknown state machine '${record.machine}'`);
    const share = record.share && { ...record.share, run: this.mapRun(record.share.run) };
    const { home, machine } = share?.run ?? revisionFor(entry, record);
    const identity = {
      serial: ++this.lastSerial,
      name: record.name,
      home,
      startedAtMs: record.atMs,
      inputText: record.input,
      expressId: record.express,
    };
    const stage = { ...this.#stageOf(record), input };
    const { parent, traceHeader } = record;
    if (record.express !== undefined) {
      return beginExpress(this, { identity, entry, machine, parent, traceHeader }, stage);
    }
    const turn = startRun(identity, machine, stage);
    const execution: Execution = {
      identity,
      entry,
      machine,
      parent,
      turns: [packedPosition(at)],
      run: turn.run,
      outcome: undefined,
      stoppedAtMs: undefined,
      eventCount: 0,
      isWhole: true,
      share,
      mapRuns: undefined,
      traceHeader,
    };
    this.addExecution(execution);
    if (share) noteStarted(execution, share);
    this.#noteMapRuns(execution, turn);
    this.#settle(execution, record.atMs);
    return { execution, turn };
  }

  /** @throws if there is none: a journal or snapshot that names it is damaged. */
  mapRun(id: string): MapRun {
    const run = this.mapRuns.get(id);
    if (!run) throw new Error(`the journal speaks of an unknown map run '${id}'`);
    return run;
  }

  addMapRun(run: MapRun): void {
    run.parent.mapRuns = [...(run.parent.mapRuns ?? []), run];
    this.mapRuns.set(run.id, run);
  }

  #noteMapRuns(execution: Execution, turn: Turn, stimulus?: Stimulus): void {
    for (const run of noteTurn(execution, turn, stimulus)) this.addMapRun(run);
  }

  /** The executions of a machine, but for the children of its Maps. */
  startedOf(machineName: string): StartOrder {
    const known = this.started.get(machineName);
    if (known) return known;
    const order = new StartOrder();
    this.started.set(machineName, order);
    return order;
  }

  addExecution(execution: Execution): void {
    const { entry, identity } = execution;
    if (execution.share) this.children.set(`${identity.home.machineName}:${identity.name}`, execution);
    else {
      entry.executions.set(identity.name, execution);
      this.startedOf(entry.name).add(execution);
    }
    this.executions.add(execution);
    if (execution.outcome) this.#finished += 1;
    else entry.running += 1;
  }

  /** Carries an execution on; the result is undefined if it has ended before. */
  applyTurn(record: TurnRecord, at: Position): Turn | undefined {
    const execution = this.execution(record.serial);
    if (!execution?.run) return undefined;
    const { run, identity } = execution;
    if (run.eventCount !== record.events) {
      throw new Error(
        `the replay of ${arnOf(identity)} has diverged: ${run.eventCount} events, but its journal says ${record.events}`,
      );
    }
    execution.turns = withPosition(execution.turns, at);
    const turn = advance(run, record.stimulus, this.#stageOf(record));
    this.#noteMapRuns(execution, turn, record.stimulus);
    this.#settle(execution, record.atMs);
    return turn;
  }

  /** Lets an execution that has ended go on. */
  applyRedriven(record: RedrivenRecord, at: Position): Turn | undefined {
    const execution = this.execution(record.serial);
    if (!execution?.outcome) return undefined;
    const { identity, machine, share } = execution;
    if (record.input !== undefined) execution.identity = { ...identity, inputText: record.input };
    const { atMs } = record;
    const turn = redriveRun(unpackRun(record.run, execution.identity, machine), this.#stageOf(record));
    Object.assign(execution, { run: turn.run, outcome: undefined, stoppedAtMs: undefined, isWhole: true });
    execution.redrives = redrivenAgain(execution.redrives, atMs, record.clientToken);
    execution.turns = withPosition(execution.turns, at);
    execution.entry.running += 1;
    this.#finished -= 1;
    if (share) noteRedriven(execution, share);
    this.#noteMapRuns(execution, turn);
    this.#settle(execution, atMs);
    return turn;
  }

  /** Lets go of everything but the summary when an execution has ended. */
  #settle(execution: Execution, atMs: number): void {
    const { run, identity } = execution;
    if (!run?.outcome) return;
    const isSmall = run.root.boundBytes <= KEPT_OUTPUT_BYTES && identity.inputText.length <= KEPT_INPUT_CHARS;
    execution.stoppedAtMs = atMs;
    execution.eventCount = run.eventCount;
    execution.isWhole = isSmall;
    execution.outcome = isSmall ? run.outcome : { status: run.outcome.status };
    if (!isSmall) execution.identity = { ...identity, inputText: '' };
    execution.run = undefined;
    execution.entry.running -= 1;
    this.#finished += 1;
    if (execution.share) noteEnded(execution.share, run.outcome.status);
    this.#forget();
  }

  /** Forgets the oldest finished executions, a tenth of the limit at once, so that each costs a constant. */
  #forget(): void {
    const limit = this.options.finishedExecutions;
    if (this.#finished <= this.forgetAt) return;
    for (const execution of this.executions) {
      if (this.#finished <= limit) break;
      if (execution.outcome && !isHeld(execution)) this.#remove(execution);
    }
    // What is held stays beyond the limit; it is not looked at again for every one that finishes.
    this.forgetAt = Math.max(limit, this.#finished) + limit * 0.1;
  }

  #remove(execution: Execution): void {
    const { entry, identity, share, mapRuns = [] } = execution;
    if (!this.executions.delete(execution)) return;
    this.#finished -= 1;
    share?.run.children.delete(execution);
    if (share) this.children.delete(`${identity.home.machineName}:${identity.name}`);
    else this.startedOf(entry.name).delete(execution);
    if (!share && entry.executions.get(identity.name) === execution) entry.executions.delete(identity.name);
    for (const { id } of mapRuns) this.mapRuns.delete(id);
  }
}
