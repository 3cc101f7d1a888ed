import type * as z from 'zod';
import { restoreActivity } from './activities/snapshot.ts';
import { compile } from './compile.ts';
import { newMapRun } from './distributed/map-run.ts';
import { restoreExpress } from './express/snapshot.ts';
import type { Home } from './identity.ts';
import type { MachineEntry } from './machines/entry.ts';
import { restoreMachine, revisionOf } from './machines/snapshot.ts';
import type { DistributedMap, Machine, Scope } from './model.ts';
import { unpackRun } from './packing/unpack-run.ts';
import { packedPosition } from './positions.ts';
import type { Execution, Registry } from './registry.ts';
import type { PackedExecution, PackedMapRun, SnapshotItem } from './snapshot-items.ts';

/** The distributed Map of this name, wherever it lies; state names are unique in a machine. */
const distributedIn = (scope: Scope, name: string): DistributedMap | undefined => {
  for (const state of scope.states.values()) {
    if (state.name === name) return state.distributed;
    for (const inner of state.scopes) {
      const found = distributedIn(inner, name);
      if (found) return found;
    }
  }
  return undefined;
};

/** What a packed execution tells of the revision that it runs. */
type Origin = Pick<z.infer<typeof PackedExecution>, 'roleArn' | 'revision' | 'version' | 'alias'>;

/** Puts snapshot items back; one object for one snapshot, for it remembers the definitions. */
export class SnapshotReader {
  readonly #registry: Registry;
  readonly #machines = new Map<number, Machine>();
  /** Of earlier revisions and of versions, by revision, role, version and alias. */
  readonly #homes = new Map<string, Home>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  restore(item: SnapshotItem): void {
    if (item.item === 'head') {
      this.#registry.secret = item.secret;
      this.#registry.lastSerial = item.lastSerial;
      this.#registry.forgetAt = item.forgetAt ?? this.#registry.forgetAt;
    } else if (item.item === 'definition') {
      const { machine } = { machine: undefined, ...compile(item.text) };
      if (!machine) throw new Error('a definition in the snapshot is no longer accepted by this version');
      this.#machines.set(item.id, machine);
    } else if (item.item === 'machine') {
      restoreMachine(this.#registry, item, (id) => this.#machine(id));
    } else if (item.item === 'activity') restoreActivity(this.#registry, item);
    else if (item.item === 'mapRun') this.#mapRun(item);
    else if (item.item === 'express') {
      const entry = this.#entry(item.machine);
      const from = { entry, machine: this.#machine(item.definition), home: this.#home(entry, item) };
      restoreExpress(this.#registry, item, from);
    } else this.#execution(item);
  }

  #mapRun(item: PackedMapRun): void {
    const {
      id,
      pending,
      startedAtMs,
      stoppedAtMs,
      limits,
      item: _item,
      parent: serial,
      state: stateName,
      ...counts
    } = item;
    const parent = this.#registry.execution(serial);
    const map = parent && distributedIn(parent.machine.scope, stateName);
    if (!map) throw new Error(`the snapshot names an unknown distributed Map '${stateName}'`);
    const run = newMapRun(parent, map, { pending, id, stateName, atMs: startedAtMs, limits });
    this.#registry.addMapRun(Object.assign(run, counts, { stoppedAtMs, redrivenAtMs: counts.redrivenAtMs }));
  }

  #entry(name: string): MachineEntry {
    const entry = this.#registry.machines.get(name);
    if (!entry) throw new Error(`the snapshot names an unknown state machine '${name}'`);
    return entry;
  }

  #machine(id: number): Machine {
    const machine = this.#machines.get(id);
    if (!machine) throw new Error(`the snapshot names an unknown definition ${id}`);
    return machine;
  }

  /** The home of its revision, one object for all of that; older snapshots did not tell which revision it was. */
  #home(entry: MachineEntry, { roleArn, revision, version, alias }: Origin): Home {
    if (revision === undefined && roleArn === entry.home.roleArn && version === undefined) return entry.home;
    const of = revision ? revisionOf(revision) : entry.home.revision;
    const key = `${of.id}/${roleArn}/${version}/${alias}`;
    const home = this.#homes.get(key) ?? {
      ...this.#registry.homeOf(entry, roleArn, of),
      ...(version !== undefined && { version }),
      ...(alias !== undefined && { alias }),
    };
    this.#homes.set(key, home);
    return home;
  }

  #execution(item: z.infer<typeof PackedExecution>): void {
    const registry = this.#registry;
    const entry = this.#entry(item.machine);
    const share = item.share && { ...item.share, run: registry.mapRun(item.share.run) };
    const machine = share?.run.machine ?? this.#machine(item.definition);
    const identity = {
      serial: item.serial,
      name: item.name,
      home: share ? share.run.home : this.#home(entry, item),
      startedAtMs: item.startedAtMs,
      inputText: item.input,
    };
    const execution: Execution = {
      identity,
      entry,
      machine,
      parent: item.parent,
      turns: item.turns.map(([segment, offsetBytes]) => packedPosition({ segment, offsetBytes })),
      run: item.run && unpackRun(item.run, identity, machine),
      outcome: item.outcome,
      stoppedAtMs: item.stoppedAtMs,
      isWhole: item.isWhole,
      eventCount: item.eventCount,
      share,
      mapRuns: undefined,
      ...(item.redrives && { redrives: item.redrives }),
      traceHeader: item.traceHeader,
    };
    registry.addExecution(execution);
    share?.run.children.add(execution);
    if (item.isPendingRedrive) share?.run.toRedrive.add(execution);
  }
}
