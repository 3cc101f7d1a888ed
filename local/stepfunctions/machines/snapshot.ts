import * as z from 'zod';
import type { Machine } from '../model.ts';
import type { Registry } from '../registry.ts';
import type { MachineEntry } from './entry.ts';

/** A state machine, packed. */
export const PackedMachine = z.object({
  item: z.literal('machine'),
  name: z.string(),
  definition: z.number(),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
  roleArn: z.string(),
  revisionId: z.string(),
  tags: z.record(z.string(), z.string()),
  isDeleted: z.boolean(),
});

/** A state machine, packed; `definition` is the number of its definition in the snapshot. */
export const packMachine = (entry: MachineEntry, definition: number): z.infer<typeof PackedMachine> => ({
  item: 'machine',
  name: entry.name,
  definition,
  createdAtMs: entry.createdAtMs,
  updatedAtMs: entry.updatedAtMs,
  roleArn: entry.home.roleArn,
  revisionId: entry.revisionId,
  tags: entry.tags,
  isDeleted: entry.isDeleted,
});

/** Puts a packed state machine back, without its executions. */
export const restoreMachine = (registry: Registry, packed: z.infer<typeof PackedMachine>, machine: Machine): void => {
  const { item: _, definition: __, roleArn, ...fields } = packed;
  registry.addMachine({
    ...fields,
    arn: registry.machineArn(packed.name),
    home: registry.homeOf(packed.name, roleArn, { id: packed.revisionId, atMs: packed.updatedAtMs }),
    machine,
    running: 0,
    executions: new Map(),
  });
};
