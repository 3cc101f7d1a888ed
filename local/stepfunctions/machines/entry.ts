import type { Home } from '../identity.ts';
import type { Machine } from '../model.ts';
import type { Execution } from '../registry.ts';

/** A state machine and its executions. */
export type MachineEntry = {
  readonly name: string;
  readonly arn: string;
  readonly createdAtMs: number;
  machine: Machine;
  home: Home;
  updatedAtMs: number;
  revisionId: string;
  tags: Readonly<Record<string, string>>;
  isDeleted: boolean;
  running: number;
  /** In order of their start. */
  readonly executions: Map<string, Execution>;
};
