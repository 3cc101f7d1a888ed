import * as z from 'zod';
import { Instance, Wing } from './id.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * Head of a plane's event log, signed and kept outside the data folder: what the log was at that moment, whatever is done
 * to it later. The plane owns it; written at intervals, never changed.
 */
export const AnchoredHead = z.strictObject({
  format: z.literal(1),
  instance: Instance,
  wing: Wing,
  plane: z.enum(['archive', 'work']),
  epoch: z.int().min(1),
  /** Last event of the log, and its hash: that of every event before it too. */
  seq: z.int().min(1),
  hash,
  /** Events up to there that cover a line of the audit log, from the first head in this anchor on. */
  auditLines: z.int().min(0),
  at: z.iso.datetime(),
  /** Ed25519 key of the plane, SPKI in base64; in the first head of an anchor. */
  publicKey: z.string().max(200).optional(),
  /** Digest of the head before it in this anchor; zeros in the first. */
  previous: hash,
  /** Of all other fields, as JSON with sorted keys. */
  signature: z.string().max(200),
});
export type AnchoredHead = z.infer<typeof AnchoredHead>;

/** A plane's last head, where it goes, and whether it is known to be there: what the next one continues. */
export const AnchorState = z.object({ anchor: z.string(), head: AnchoredHead, isAdded: z.boolean() });
export type AnchorState = z.infer<typeof AnchorState>;

/** Condition of a plane's anchor. */
export const AnchorReport = z.object({
  /** Where the heads go. */
  to: z.string(),
  /** The last head that is there. */
  seq: z.int().min(1).optional(),
  at: z.iso.datetime().optional(),
  /** Why none can be added, since the first try that failed. */
  problem: z.object({ since: z.iso.datetime(), reason: z.string() }).optional(),
});
export type AnchorReport = z.infer<typeof AnchorReport>;
