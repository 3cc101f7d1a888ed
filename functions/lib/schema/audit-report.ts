import * as z from 'zod';

/** Result of a verification of the audit log. Made by `papilio audit verify` and `doctor --deep`; nobody keeps it. */

const count = z.int().min(0);

/**
 * `chain`: an event does not fit its chain. `missing`, `changed`, `hidden`: a line of the audit log is not there, not as its
 * event has it, or not listed. `added`: no event covers a line. `cut`: the log ends before an anchored head. `rewritten`: an
 * event has another hash than its anchored head. `anchor`: the anchor itself is not whole, or not of this log.
 */
export const AuditFaultKind = z.enum(['chain', 'missing', 'changed', 'hidden', 'added', 'cut', 'rewritten', 'anchor']);
export type AuditFaultKind = z.infer<typeof AuditFaultKind>;

export const AuditFault = z.object({
  kind: AuditFaultKind,
  /** The event, where there is one. */
  seq: z.int().min(1).optional(),
  /** The line, where there is one. */
  id: z.string().optional(),
  what: z.string(),
});
export type AuditFault = z.infer<typeof AuditFault>;

export const AuditReport = z.object({
  plane: z.enum(['archive', 'work']),
  /** Events whose chain was followed. */
  events: count,
  /** Events that cover a line of the audit log, each compared with its line. */
  covers: count,
  /** Lines that are listed, each looked for in the log. */
  lines: count,
  /** Of these, acts that an earlier version wrote: who, what, why and outcome are covered, the rest is not. */
  earlierActs: count,
  /** Of these, lines that no event covers because they were written by an earlier version, not started again since. */
  uncovered: count,
  /** The event from which on the lines of earlier versions are covered. */
  coveredFrom: z.int().min(1).optional(),
  anchor: z.object({ name: z.string(), heads: count, seq: count, at: z.iso.datetime().optional() }).optional(),
  /** Manipulations that cannot be seen: without an anchor, or behind its last head. */
  unseen: z.array(z.object({ kind: z.enum(['cut', 'rewritten']), what: z.string() })),
  faults: z.array(AuditFault),
  /** Faults beyond those that are named. */
  moreFaults: count,
});
export type AuditReport = z.infer<typeof AuditReport>;
