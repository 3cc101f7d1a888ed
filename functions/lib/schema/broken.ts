import * as z from 'zod';

/** A problem of the instance and its remedy. The front derives it from events, planes, processes and brokers at each request. */

export const BrokenKind = z.enum([
  'plane-away',
  'broker-away',
  'bridge-silent',
  'process-down',
  'process-restarting',
  'process-restarted',
  'disk-full',
  'disk-read-only',
  'disk-failing',
  'store-failing',
  'stfs-not-stored',
  'services-away',
  'stack-forged',
  'archiving-late',
  'stream-silent',
  'plane-paused',
  'bytes-damaged',
  'anchor-failing',
  'dead-letters',
  'parked',
  'tfs-missing',
  'processing-late',
  'processing-suspended',
  'backlog-growing',
  'stfs-failed',
  'facility-failing',
  'facility-drained',
  'quarantined',
]);
export type BrokenKind = z.infer<typeof BrokenKind>;

/** A problem that another one brings with it. */
const Consequence = z.object({ kind: BrokenKind, what: z.string(), evidence: z.string() });

/** Something that is not as it should be, and what to do about it. */
export const Broken = z.object({
  kind: BrokenKind,
  /** The plane that has it; absent where it is of none or of both. */
  plane: z.enum(['archive', 'work']).optional(),
  /** Papilio, or something that it stands on, does not work: `/v1/health` is not healthy. */
  isOutage: z.literal(true).optional(),
  /** Problems that go away with this one. */
  consequences: z.array(Consequence).optional(),
  /** `error`: data are at risk or nothing goes on. `warning`: it needs a look. */
  severity: z.enum(['error', 'warning']),
  /** One sentence without figures that change all the time. */
  what: z.string(),
  /** Since when; for what only a plane itself tells, since somebody asked first. */
  since: z.iso.datetime().optional(),
  evidence: z.string(),
  /** A command, or a page of the documentation. */
  todo: z.string(),
});
export type Broken = z.infer<typeof Broken>;
