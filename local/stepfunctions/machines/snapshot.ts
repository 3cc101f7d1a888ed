import * as z from 'zod';
import type { Revision } from '../identity.ts';
import type { Machine } from '../model.ts';
import type { Registry } from '../registry.ts';
import type { Alias, MachineEntry, Version } from './entry.ts';
import { Published, Route } from './records.ts';
import { Settings } from './settings.ts';
import { Tags } from './tags.ts';

/** A revision but for its definition. */
export const PackedRevision = z.object({ id: z.string(), atMs: z.number(), settings: Settings.optional() });

const PackedVersion = z.object({
  number: z.number(),
  description: z.string().optional(),
  createdAtMs: z.number(),
  definition: z.number(),
  roleArn: z.string(),
  revision: PackedRevision,
});

const PackedAlias = z.object({
  name: z.string(),
  description: z.string().optional(),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
  routes: z.array(Route),
});

/** A state machine, packed. */
export const PackedMachine = z.object({
  item: z.literal('machine'),
  name: z.string(),
  type: z.enum(['STANDARD', 'EXPRESS']).optional(),
  definition: z.number(),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
  roleArn: z.string(),
  revisionId: z.string(),
  settings: Settings.optional(),
  published: Published.optional(),
  tags: Tags,
  isDeleted: z.boolean(),
  versions: z.array(PackedVersion).optional(),
  lastVersion: z.number().optional(),
  aliases: z.array(PackedAlias).optional(),
});

/** The number of a definition in the snapshot. */
type Numbered = (machine: Machine) => number;

const packVersion = (version: Version, numberOf: Numbered): z.infer<typeof PackedVersion> => ({
  number: version.number,
  ...(version.description !== undefined && { description: version.description }),
  createdAtMs: version.createdAtMs,
  definition: numberOf(version.machine),
  roleArn: version.home.roleArn,
  revision: version.home.revision,
});

const packAlias = ({ name, description, createdAtMs, updatedAtMs, routes }: Alias): z.infer<typeof PackedAlias> => ({
  name,
  ...(description !== undefined && { description }),
  createdAtMs,
  updatedAtMs,
  routes: [...routes],
});

/** A state machine, packed; the snapshot has its definitions before it. */
export const packMachine = (entry: MachineEntry, numberOf: Numbered): z.infer<typeof PackedMachine> => {
  const { home, type, published, lastVersion, versions, aliases } = entry;
  const { id, atMs, settings } = home.revision;
  return {
    item: 'machine',
    name: entry.name,
    ...(type !== 'STANDARD' && { type }),
    definition: numberOf(entry.machine),
    createdAtMs: entry.createdAtMs,
    updatedAtMs: atMs,
    roleArn: home.roleArn,
    revisionId: id,
    ...(settings && { settings }),
    ...(published && { published }),
    tags: entry.tags,
    isDeleted: entry.isDeleted,
    ...(lastVersion > 0 && { lastVersion }),
    ...(versions.size > 0 && { versions: Array.from(versions.values(), (each) => packVersion(each, numberOf)) }),
    ...(aliases.size > 0 && { aliases: Array.from(aliases.values(), packAlias) }),
  };
};

/** The definition of a number. */
type Definitions = (id: number) => Machine;

/** An unpacked revision, without a field for settings that there are not. */
export const revisionOf = ({ id, atMs, settings }: z.infer<typeof PackedRevision>): Revision => ({
  id,
  atMs,
  ...(settings && { settings }),
});

/** Puts a packed state machine back, without its executions. */
export const restoreMachine = (
  registry: Registry,
  packed: z.infer<typeof PackedMachine>,
  definitions: Definitions,
): void => {
  const { name, type = 'STANDARD', versions = [], aliases = [], settings } = packed;
  const revision = revisionOf({ id: packed.revisionId, atMs: packed.updatedAtMs, settings });
  const entry: MachineEntry = {
    name,
    arn: registry.machineArn(name),
    type,
    createdAtMs: packed.createdAtMs,
    published: packed.published,
    machine: definitions(packed.definition),
    home: registry.homeOf({ name, type }, packed.roleArn, revision),
    tags: packed.tags,
    isDeleted: packed.isDeleted,
    running: 0,
    executions: new Map(),
    versions: new Map(),
    lastVersion: packed.lastVersion ?? 0,
    aliases: new Map(),
  };
  for (const { number, description, createdAtMs, definition, roleArn, revision: published } of versions) {
    const home = { ...registry.homeOf(entry, roleArn, revisionOf(published)), version: number };
    entry.versions.set(number, { number, description, createdAtMs, machine: definitions(definition), home });
  }
  for (const { description, ...alias } of aliases)
    entry.aliases.set(alias.name, { ...alias, description, homes: new Map() });
  registry.addMachine(entry);
};
