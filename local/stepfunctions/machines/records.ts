import * as z from 'zod';
import { Settings } from './settings.ts';
import { Tags } from './tags.ts';

/** That a revision is published as a version. */
export const Published = z.object({ description: z.string().optional() });

/** That a revision is published as a version. */
export type Published = z.infer<typeof Published>;

/** A version that an alias leads to, and to how many of a hundred executions. */
export const Route = z.object({ version: z.number(), weight: z.number() });

/** A version that an alias leads to, and to how many of a hundred executions. */
export type Route = Readonly<z.infer<typeof Route>>;

const revisionFields = {
  name: z.string(),
  definition: z.string(),
  roleArn: z.string(),
  atMs: z.number(),
  revisionId: z.string(),
  settings: Settings.optional(),
  published: Published.optional(),
};

/** What the journal says of state machines. */
export const MACHINE_RECORDS = [
  z.object({
    kind: z.literal('machineCreated'),
    ...revisionFields,
    type: z.enum(['STANDARD', 'EXPRESS']).optional(),
    tags: Tags,
  }),
  z.object({ kind: z.literal('machineUpdated'), ...revisionFields }),
  z.object({ kind: z.literal('machineDeleted'), name: z.string() }),
  z.object({ kind: z.literal('machineTagged'), name: z.string(), tags: Tags }),
  /** The latest revision becomes a version; its number follows from those before it. */
  z.object({ kind: z.literal('versionPublished'), name: z.string(), published: Published, atMs: z.number() }),
  z.object({ kind: z.literal('versionDeleted'), name: z.string(), version: z.number() }),
  /** Created or updated. */
  z.object({
    kind: z.literal('aliasSet'),
    name: z.string(),
    alias: z.string(),
    description: z.string().optional(),
    routes: z.array(Route),
    atMs: z.number(),
  }),
  z.object({ kind: z.literal('aliasDeleted'), name: z.string(), alias: z.string() }),
] as const;

/** What the journal says of a state machine. */
export type MachineRecord = z.infer<(typeof MACHINE_RECORDS)[number]>;
