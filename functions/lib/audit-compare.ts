import { isDeepStrictEqual } from 'node:util';
import type { AuditKind, Cover } from './audit-event.ts';
import { recordDigest } from './model/record-digest.ts';
import type { Item } from './ports/store.ts';
import { indexesOfRecord } from './records.ts';
import type { AuditFault } from './schema/audit-report.ts';
import type { Event } from './schema/event.ts';

const nouns: Readonly<Record<AuditKind, string>> = { command: 'act', audit: 'line' };

/** Fields of an act that its event has had since the first version. */
const differingFields = ({ type, data }: Event, { doc }: Item): string[] => {
  const pairs = {
    action: [data.action, doc.action],
    subject: [data.subject, doc.subject],
    by: [data.who, doc.by],
    why: [data.why, doc.why],
    state: [type, `command.${doc.state}`],
  };
  return Object.entries(pairs).flatMap(([name, [inEvent, inRecord]]) => (inEvent === inRecord ? [] : [name]));
};

const changed = (event: Event, cover: Cover, item: Item): string | undefined => {
  const fields = event.type.startsWith('command.') ? differingFields(event, item) : [];
  if (fields.length > 0) return `differs from its event in ${fields.join(', ')}`;
  if (item.version < event.version) return `has version ${item.version}, and its event is of version ${event.version}`;
  const isCovered = item.version === event.version && cover.recordSha256 !== undefined;
  return isCovered && cover.recordSha256 !== recordDigest(item.doc)
    ? 'does not match the digest in its event'
    : undefined;
};

/** Whether a line is where lists look for it, and stays there. */
const isListed = (item: Item): boolean =>
  item.expiresAt === undefined && isDeepStrictEqual(item.indexes ?? {}, indexesOfRecord(item));

/** Why a line of the audit log is not as the event has it that covers it; undefined if it is. A later event tells of a later version. */
export const faultOfLine = (event: Event, cover: Cover, item: Item | undefined): AuditFault | undefined => {
  const { seq, subject: id } = event;
  const noun = nouns[cover.kind];
  if (item === undefined)
    return { kind: 'missing', seq, id, what: `${noun} ${id} is not there; event ${seq} of ${event.time} covers it` };
  const difference = changed(event, cover, item);
  if (difference !== undefined) return { kind: 'changed', seq, id, what: `${noun} ${id} ${difference} (event ${seq})` };
  return isListed(item)
    ? undefined
    : { kind: 'hidden', seq, id, what: `${noun} ${id} is stored, but not where the audit log is listed from` };
};
