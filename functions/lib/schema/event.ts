import * as z from 'zod';

/**
 * An event: one past fact, recorded with the change it tells of. Papilio owns it; written once, never changed.
 * The envelope is a CloudEvent. `seq` and `hash` come from the log that holds it.
 */
export const NewEvent = z.object({
  /** `<subject>_<wing>-<plane>-<version>`: a record's version and its event are one to one. Always begins with the subject and `_`. */
  id: z.string().min(1).max(160),
  /** `noun.verb-ed`: `stf.archived`. */
  type: z.string().regex(/^[a-z][a-z-]*\.[a-z][a-z-]*$/),
  /** `/<instance>/<wing>/<plane>`. */
  source: z.string(),
  /** Id of the thing that it happened to. */
  subject: z.string().min(1),
  /** The subject's record version after the change. */
  version: z.int().min(1),
  time: z.iso.datetime(),
  epoch: z.int().min(1),
  /** Id of the event, message, command or execution that led to it. */
  cause: z.string().optional(),
  /** Function or user. */
  by: z.string(),
  build: z.string(),
  data: z.record(z.string(), z.unknown()),
});
export type NewEvent = z.infer<typeof NewEvent>;

/** An event as its log holds it: `hash` = sha256(previous hash + stored bytes), hex. */
export const Event = NewEvent.extend({ seq: z.int().min(1), hash: z.string().regex(/^[0-9a-f]{64}$/) });
export type Event = z.infer<typeof Event>;

/** An event as live events tell it: the envelope of CloudEvents 1.0, in its JSON format. */
export const CloudEvent = Event.extend({ specversion: z.literal('1.0') });
export type CloudEvent = z.infer<typeof CloudEvent>;

/** What a client is told whose position is none of these logs: they were restored from a backup, or are another papilio's. */
export const LiveReset = z.object({
  /** The position that it came with. */
  asked: z.string(),
  /** Where the logs end, and the stream goes on. */
  position: z.string(),
});
export type LiveReset = z.infer<typeof LiveReset>;
