import { compile } from '../compile.ts';
import type { Machine } from '../model.ts';
import type { Registry } from '../registry.ts';
import type { MachineRecord } from './records.ts';

const compiled = (definition: string): Machine => {
  const { machine } = { machine: undefined, ...compile(definition) };
  if (machine) return machine;
  throw new Error('a definition in the journal is no longer accepted by this version of the interpreter');
};

const create = (registry: Registry, record: Extract<MachineRecord, { kind: 'machineCreated' }>): void => {
  const { name, atMs, definition, roleArn, revisionId, tags } = record;
  registry.addMachine({
    name,
    arn: registry.machineArn(name),
    createdAtMs: atMs,
    machine: compiled(definition),
    home: registry.homeOf(name, roleArn, { id: revisionId, atMs }),
    updatedAtMs: atMs,
    revisionId,
    tags,
    isDeleted: false,
    running: 0,
    // The executions of a deleted machine of this name keep their names, so that none is started twice.
    executions: registry.machines.get(name)?.executions ?? new Map(),
  });
};

/** Applies what the journal says of a state machine. */
export const applyMachineRecord = (registry: Registry, record: MachineRecord): void => {
  if (record.kind === 'machineCreated') {
    create(registry, record);
    return;
  }
  const entry = registry.machines.get(record.name);
  if (!entry) throw new Error(`the journal speaks of an unknown state machine '${record.name}'`);
  if (record.kind === 'machineDeleted') entry.isDeleted = true;
  else if (record.kind === 'machineTagged') entry.tags = record.tags;
  else {
    entry.machine = compiled(record.definition);
    entry.home = registry.homeOf(entry.name, record.roleArn, { id: record.revisionId, atMs: record.atMs });
    entry.updatedAtMs = record.atMs;
    entry.revisionId = record.revisionId;
  }
};
