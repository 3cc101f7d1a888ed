import type { Home } from '../identity.ts';
import type { Machine } from '../model.ts';
import type { Execution } from '../registry.ts';
import type { MachineType } from '../validation/validate.ts';
import type { Published, Route } from './records.ts';
import type { Tags } from './tags.ts';

/** A revision of a state machine that keeps its number for ever. */
export type Version = {
  readonly number: number;
  readonly description: string | undefined;
  readonly createdAtMs: number;
  readonly machine: Machine;
  readonly home: Home;
};

/** A name for one or two versions that share what is started by it. */
export type Alias = {
  readonly name: string;
  readonly description: string | undefined;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly routes: readonly Route[];
  /** Of the executions started by it, by version. */
  readonly homes: Map<number, Home>;
};

/** A state machine and its executions; its own definition and home are those of its latest revision. */
export type MachineEntry = {
  readonly name: string;
  readonly arn: string;
  readonly type: MachineType;
  readonly createdAtMs: number;
  /** The version that it was created with, which tells a repeated creation from another one. */
  readonly published: Published | undefined;
  machine: Machine;
  home: Home;
  tags: Tags;
  isDeleted: boolean;
  running: number;
  /** In order of their start. */
  readonly executions: Map<string, Execution>;
  /** In order of their numbers. */
  readonly versions: Map<number, Version>;
  /** The highest number that a version ever had. */
  lastVersion: number;
  /** In order of their creation. */
  readonly aliases: Map<string, Alias>;
};
