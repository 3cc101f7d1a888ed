import { PapilioError } from './errors.ts';
import { type Snapshot, snapshotOf } from './model/snapshot.ts';
import type { Store, Write } from './ports/store.ts';
import { commandStarts } from './records.ts';
import type { Command } from './schema/command.ts';

/** Records beside a thing's own that say nothing of what was done to it. */
const beside: ReadonlySet<string> = new Set(['command', 'command-start', 'token-use']);
/** More kinds of records than a thing has. */
const mostRecords = 50;

/** What the records of a thing say now. */
export const lookAt = async (store: Store, subject: string): Promise<Snapshot> => {
  const { items } = await store.query({ pk: subject, limit: mostRecords });
  return snapshotOf(items.filter(({ sk }) => !beside.has(sk)).map(({ sk, doc }) => ({ kind: sk, doc })));
};

/** A command that is being carried out: how the thing was before, and the write that forgets it. */
export type Start = { readonly before: Snapshot; readonly forget: Write };

/**
 * Keeps how a thing is before a command is carried out, before anything is done: a command that is carried out again
 * after a kill in its midst still tells what was there before the first try.
 */
export const beginCommand = async ({ id, subject }: Command, store: Store): Promise<Start> => {
  const known = await commandStarts.get(store, id);
  if (known) return { before: known.doc.before, forget: commandStarts.delete(id, known.version) };
  const before = await lookAt(store, subject);
  try {
    await store.transact({ writes: [commandStarts.put(id, { id, before }, 0)], events: [] });
  } catch (thrown) {
    const isTaken = thrown instanceof PapilioError && thrown.code === 'store-conflict';
    if (!isTaken) throw thrown;
    return beginAgain(id, before, store);
  }
  return { before, forget: commandStarts.delete(id, 1) };
};

/** Another run of the same command was first: what it saw counts. */
const beginAgain = async (id: string, before: Snapshot, store: Store): Promise<Start> => {
  const known = await commandStarts.get(store, id);
  return { before: known?.doc.before ?? before, forget: commandStarts.delete(id, known?.version ?? 1) };
};
