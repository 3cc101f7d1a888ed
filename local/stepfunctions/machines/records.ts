import * as z from 'zod';

const Tags = z.record(z.string(), z.string());

/** What the journal says of state machines. */
export const MACHINE_RECORDS = [
  z.object({
    kind: z.literal('machineCreated'),
    name: z.string(),
    definition: z.string(),
    roleArn: z.string(),
    atMs: z.number(),
    revisionId: z.string(),
    tags: Tags,
  }),
  z.object({
    kind: z.literal('machineUpdated'),
    name: z.string(),
    definition: z.string(),
    roleArn: z.string(),
    atMs: z.number(),
    revisionId: z.string(),
  }),
  z.object({ kind: z.literal('machineDeleted'), name: z.string() }),
  z.object({ kind: z.literal('machineTagged'), name: z.string(), tags: Tags }),
] as const;

/** What the journal says of a state machine. */
export type MachineRecord = z.infer<(typeof MACHINE_RECORDS)[number]>;
