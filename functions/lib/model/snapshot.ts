import { createHash } from 'node:crypto';

/** Fields of a thing's records, as `<kind>.<field>`. */
export type Snapshot = Readonly<Record<string, unknown>>;

/** Bytes of a field as it is kept; a longer one is named by its length and hash, so that a change of it is still seen. */
const fieldMaxBytes = 1_000;
/** Fields that are kept of a thing; none has so many. */
const mostFields = 200;
/** Never kept anywhere but in its own record. */
const secret: ReadonlySet<string> = new Set(['hashSha256']);

const kept = (value: unknown): unknown => {
  const text = JSON.stringify(value) ?? 'null';
  if (Buffer.byteLength(text) <= fieldMaxBytes) return JSON.parse(text);
  const sha256 = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return `${Buffer.byteLength(text)} bytes, sha256 ${sha256}…`;
};

/** What a thing's records say now, each by its kind. */
export const snapshotOf = (records: readonly { readonly kind: string; readonly doc: object }[]): Snapshot =>
  Object.fromEntries(
    records
      .flatMap(({ kind, doc }) =>
        Object.entries(doc).flatMap(([field, value]) =>
          value === undefined || secret.has(field) ? [] : [[`${kind}.${field}`, kept(value)] as const],
        ),
      )
      .slice(0, mostFields),
  );

/** The fields that are not the same in two snapshots, as they were and as they are. */
export const differenceOf = (
  before: Snapshot,
  after: Snapshot,
): { readonly before: Snapshot; readonly after: Snapshot } => {
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  );
  const only = (all: Snapshot) => Object.fromEntries(changed.flatMap((f) => (f in all ? [[f, all[f]] as const] : [])));
  return { before: only(before), after: only(after) };
};
