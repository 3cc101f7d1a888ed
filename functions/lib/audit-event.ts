import { type Change, change } from './change.ts';
import type { Deps } from './deps.ts';
import { recordDigest } from './model/record-digest.ts';
import type { Item, Put, Store } from './ports/store.ts';
import type { Event } from './schema/event.ts';
import { turn } from './turn.ts';

/** Records that make up the audit log, by sort key: commands as they ended, and lines that the front reported. */
export const auditKinds = ['command', 'audit'] as const;
export type AuditKind = (typeof auditKinds)[number];

/** Partition of index `i1` from which the audit log is listed. */
const auditIndexes: Readonly<Record<AuditKind, string>> = { command: 'commands', audit: 'audit' };

/** Lines of a kind as the audit log lists them, in pages; the loop turns in between. */
export async function* auditPages(store: Store, kind: AuditKind, limit: number): AsyncGenerator<readonly Item[]> {
  const query = { index: 'i1', pk: auditIndexes[kind], limit } as const;
  let cursor: string | undefined;
  do {
    const page = await store.query({ ...query, ...(cursor !== undefined && { cursor }) });
    yield page.items;
    cursor = page.next;
    await turn();
  } while (cursor !== undefined);
}

/** Data by which an event covers a record of the audit log: any later change of the record shows. */
export const coverOf = (record: AuditKind, doc: Readonly<Record<string, unknown>>) => ({
  record,
  recordSha256: recordDigest(doc),
});

/** A line of the audit log with the event that covers it. */
export const auditChange = (
  deps: Pick<Deps, 'config' | 'plane' | 'now'>,
  kind: AuditKind,
  write: Put,
  by: string,
): Change => change(deps, write.pk, write, { type: 'audit.recorded', by, data: coverOf(kind, write.doc) });

/** The record of the audit log that an event covers, and its digest: absent in events of an earlier version. */
export type Cover = { readonly kind: AuditKind; readonly recordSha256?: string };

/** What an event covers; undefined if it is about no line of the audit log. */
export const coverIn = ({ type, data }: Pick<Event, 'type' | 'data'>): Cover | undefined => {
  const isCommand = type === 'command.done' || type === 'command.refused';
  if (!isCommand && type !== 'audit.recorded') return undefined;
  const { record, recordSha256 } = data;
  const kind = isCommand || record === 'command' ? 'command' : 'audit';
  return typeof recordSha256 === 'string' ? { kind, recordSha256 } : { kind };
};
