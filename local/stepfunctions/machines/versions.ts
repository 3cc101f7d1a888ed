import type { Home } from '../identity.ts';
import type { Machine } from '../model.ts';
import type { MachineEntry, Version } from './entry.ts';
import type { Published } from './records.ts';

const INITIAL = 'INITIAL';

/** A revision's identifier as callers see it: the first one of a machine has none. */
export const shownRevision = (id: string): string | undefined => (id.startsWith(INITIAL) ? undefined : id);

/** The identifier of a machine's first revision, which callers name by its first word. */
export const initialRevision = (uuid: string): string => `${INITIAL}/${uuid}`;

/** True if a caller means this revision. */
export const isRevision = (id: string, named: string): boolean => named === (shownRevision(id) ?? INITIAL);

/** The version that the latest revision has been published as; the last one of them. */
export const currentVersion = (entry: MachineEntry): Version | undefined =>
  [...entry.versions.values()].findLast(({ home }) => home.revision.id === entry.home.revision.id);

/** Publishes the latest revision. */
export const addVersion = (entry: MachineEntry, { description }: Published, atMs: number): void => {
  const { machine, home } = entry;
  const number = entry.lastVersion + 1;
  entry.lastVersion = number;
  entry.versions.set(number, { number, description, createdAtMs: atMs, machine, home: { ...home, version: number } });
};

/** A version's ARN. */
export const versionArn = (machineArn: string, version: number): string => `${machineArn}:${version}`;

/** How an execution was started, if not by its machine's own ARN. */
export type Qualifiers = { readonly version?: number | undefined; readonly alias?: string | undefined };

/** What an execution is started with: a version, perhaps by way of an alias, or the latest revision. */
export const revisionFor = (
  entry: MachineEntry,
  by: Qualifiers,
): { readonly machine: Machine; readonly home: Home } => {
  if (by.version === undefined) return entry;
  const version = entry.versions.get(by.version);
  if (!version) throw new Error(`the journal speaks of an unknown version ${by.version} of '${entry.name}'`);
  if (by.alias === undefined) return version;
  const homes = entry.aliases.get(by.alias)?.homes;
  const home = homes?.get(by.version) ?? { ...version.home, alias: by.alias };
  homes?.set(by.version, home);
  return { machine: version.machine, home };
};
