import * as z from 'zod';
import type { Home } from '../identity.ts';
import { PackedRevision } from '../machines/snapshot.ts';
import { Parent } from '../records.ts';
import type { Execution, Registry } from '../registry.ts';
import { beginExpress } from './fold.ts';

/** An execution of an express machine, packed: how it began, for it will begin again. */
export const PackedExpress = z.object({
  item: z.literal('express'),
  serial: z.number(),
  expressId: z.string(),
  name: z.string(),
  machine: z.string(),
  definition: z.number(),
  roleArn: z.string(),
  revision: PackedRevision,
  version: z.number().optional(),
  alias: z.string().optional(),
  startedAtMs: z.number(),
  input: z.string(),
  parent: Parent.optional(),
  traceHeader: z.string().optional(),
});

/** An execution of an express machine, packed. */
export type PackedExpress = z.infer<typeof PackedExpress>;

/** Packs how an execution of an express machine began. */
export const packExpress = ({ identity, entry, parent, traceHeader }: Execution, definition: number): PackedExpress => {
  const { serial, expressId = '', name, startedAtMs, inputText, home } = identity;
  const { roleArn, revision, version, alias } = home;
  return {
    item: 'express',
    serial,
    expressId,
    name,
    machine: entry.name,
    definition,
    roleArn,
    revision,
    ...(version !== undefined && { version }),
    ...(alias !== undefined && { alias }),
    startedAtMs,
    input: inputText,
    ...(parent && { parent }),
    ...(traceHeader !== undefined && { traceHeader }),
  };
};

type From = Pick<Execution, 'entry' | 'machine'> & { readonly home: Home };

/** Puts a packed execution of an express machine back. */
export const restoreExpress = (registry: Registry, packed: PackedExpress, { entry, machine, home }: From): void => {
  const { serial, expressId, name, startedAtMs, input, parent, traceHeader } = packed;
  const identity = { serial, expressId, name, home, startedAtMs, inputText: input };
  const beginning = { entry, machine, identity, parent, traceHeader };
  const work = registry.options.workAtOnce;
  beginExpress(registry, beginning, { atMs: startedAtMs, secret: registry.secret, work });
};
