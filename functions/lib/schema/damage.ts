import * as z from 'zod';

/**
 * Stored bytes that are not as they were written: found by the scrubber or by `papilio doctor --deep`. The plane that keeps
 * the bytes owns the record; it stays, cleared, when they are right again.
 */

/** `facts`: the size and checksums that lie beside an object; `unreadable`: the disk returns an error. */
export const DamageProblem = z.enum(['missing', 'size', 'checksum', 'facts', 'unreadable', 'record']);
export type DamageProblem = z.infer<typeof DamageProblem>;

/** What was found at an object or record. */
export const DamageFound = z.object({
  problem: DamageProblem,
  /** Size and checksums as recorded; of a record, where it lies. */
  expected: z.string(),
  found: z.string(),
});
export type DamageFound = z.infer<typeof DamageFound>;

export const Damage = DamageFound.extend({
  id: z.string(),
  kind: z.enum(['stf', 'output', 'record']),
  /** Id of the STF or output; key of the record. */
  subject: z.string(),
  /** The name that people know it by. */
  name: z.string(),
  objectKey: z.string().optional(),
  state: z.enum(['open', 'cleared']),
  foundAt: z.iso.datetime(),
  clearedAt: z.iso.datetime().optional(),
});
export type Damage = z.infer<typeof Damage>;

/** How far the reading of one object has come: its checksums so far, as numbers. */
export const ObjectReading = z.object({
  objectKey: z.string(),
  sizeBytes: z.int().min(0),
  adler32: z.int().min(0),
  crc32c: z.int().min(0),
});
export type ObjectReading = z.infer<typeof ObjectReading>;

/** What a pass over everything has read. */
export const ScrubPass = z.object({
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().optional(),
  records: z.int().min(0),
  objects: z.int().min(0),
  sizeBytes: z.int().min(0),
  damaged: z.int().min(0),
});
export type ScrubPass = z.infer<typeof ScrubPass>;

/** The position of a plane's scrubber, kept so that it goes on after a restart. */
export const ScrubState = z.object({
  id: z.string(),
  pass: ScrubPass,
  /** Behind the last record that was checked. */
  after: z.string().optional(),
  /** Of the object that is read now. */
  reading: ObjectReading.optional(),
  /** The last pass that came to its end. */
  lastPass: ScrubPass.optional(),
});
export type ScrubState = z.infer<typeof ScrubState>;

/** Damage that a plane's scrubber has named and that is not repaired yet. */
export const DamageReport = z.object({
  /** At least so many; the report stops counting at 1,000. */
  count: z.int().min(1),
  /** When the first was found; absent where the record that names it is damaged too. */
  since: z.iso.datetime().optional(),
  /** The first of each kind, by the names that people know them by. */
  files: z.array(z.string()),
  records: z.array(z.string()),
});
export type DamageReport = z.infer<typeof DamageReport>;
