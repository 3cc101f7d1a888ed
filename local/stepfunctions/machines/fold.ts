import { compile } from '../compile.ts';
import type { Revision } from '../identity.ts';
import type { Machine } from '../model.ts';
import type { Registry } from '../registry.ts';
import type { MachineEntry } from './entry.ts';
import type { MachineRecord } from './records.ts';
import { addVersion } from './versions.ts';

type Of<K extends MachineRecord['kind']> = Extract<MachineRecord, { kind: K }>;

const compiled = (definition: string): Machine => {
  const { machine } = { machine: undefined, ...compile(definition) };
  if (machine) return machine;
  throw new Error('a definition in the journal is no longer accepted by this version of the interpreter');
};

const revisionOf = ({ revisionId, atMs, settings }: Of<'machineCreated' | 'machineUpdated'>): Revision => ({
  id: revisionId,
  atMs,
  ...(settings && { settings }),
});

const create = (registry: Registry, record: Of<'machineCreated'>): void => {
  const { name, atMs, definition, roleArn, tags, type = 'STANDARD', published } = record;
  const entry: MachineEntry = {
    name,
    arn: registry.machineArn(name),
    type,
    createdAtMs: atMs,
    published,
    machine: compiled(definition),
    home: registry.homeOf({ name, type }, roleArn, revisionOf(record)),
    tags,
    isDeleted: false,
    running: 0,
    // The executions of a deleted machine of this name keep their names, so that none is started twice.
    executions: registry.machines.get(name)?.executions ?? new Map(),
    versions: new Map(),
    lastVersion: 0,
    aliases: new Map(),
  };
  registry.addMachine(entry);
  if (published) addVersion(entry, published, atMs);
};

const update = (registry: Registry, entry: MachineEntry, record: Of<'machineUpdated'>): void => {
  entry.machine = compiled(record.definition);
  entry.home = registry.homeOf(entry, record.roleArn, revisionOf(record));
  if (record.published) addVersion(entry, record.published, record.atMs);
};

const setAlias = (entry: MachineEntry, { alias: name, description, routes, atMs }: Of<'aliasSet'>): void => {
  const { createdAtMs = atMs, homes = new Map() } = entry.aliases.get(name) ?? {};
  entry.aliases.set(name, { name, description, createdAtMs, updatedAtMs: atMs, routes, homes });
};

const remove = (entry: MachineEntry): void => {
  entry.isDeleted = true;
  entry.versions.clear();
  entry.aliases.clear();
};

/** Applies what the journal says of a state machine. */
export const applyMachineRecord = (registry: Registry, record: MachineRecord): void => {
  if (record.kind === 'machineCreated') {
    create(registry, record);
    return;
  }
  const entry = registry.machines.get(record.name);
  if (!entry) throw new Error(`the journal speaks of an unknown state machine '${record.name}'`);
  if (record.kind === 'machineUpdated') update(registry, entry, record);
  else if (record.kind === 'machineDeleted') remove(entry);
  else if (record.kind === 'machineTagged') entry.tags = record.tags;
  else if (record.kind === 'versionPublished') addVersion(entry, record.published, record.atMs);
  else if (record.kind === 'versionDeleted') entry.versions.delete(record.version);
  else if (record.kind === 'aliasSet') setAlias(entry, record);
  else entry.aliases.delete(record.alias);
};
