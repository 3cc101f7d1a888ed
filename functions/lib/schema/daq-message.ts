import * as z from 'zod';
import { LifecycleType, Remark, RunConditions } from './daq-lifecycle.ts';
import { DetectorState, DetectorSubstate } from './detector-state.ts';
import { RunNumber, SequenceNumber } from './id.ts';

/**
 * A message of the DAQ as papilio carries it: parsed once, at the bridge, with the raw bytes beside it. The DAQ owns what
 * it says; two dialects exist (`runner`, `daqsim`).
 */
const stamp = {
  /** Number given by the DAQ, at most 8 digits. */
  run: RunNumber,
  /** UTC, ISO 8601, microseconds kept. */
  stampedAt: z.string(),
  order: z.number(),
  state: DetectorState.optional(),
  substate: DetectorSubstate.optional(),
  remarks: z.array(Remark).optional(),
};

export const LifecycleFact = z.object({
  type: LifecycleType,
  ...stamp,
  totalStfs: z.int().min(0).optional(),
  conditions: RunConditions.optional(),
});
export type LifecycleFact = z.infer<typeof LifecycleFact>;

export const StfFact = z.object({
  type: z.literal('stf_gen'),
  ...stamp,
  name: z.string().regex(/^swf\.\d{1,8}\.\d{6,8}\.stf$/),
  sequence: SequenceNumber,
  sizeBytes: z.int().min(0).optional(),
  checksumAdler32: z
    .string()
    .regex(/^[0-9a-f]{8}$/)
    .optional(),
});
export type StfFact = z.infer<typeof StfFact>;

/** What others say to each other on the same topic: known, and not papilio's business. */
export const OtherFact = z.object({ type: z.literal('other'), name: z.string() });

export const DaqFact = z.discriminatedUnion('type', [LifecycleFact, StfFact, OtherFact]);
export type DaqFact = z.infer<typeof DaqFact>;

export const Problem = z.object({ code: z.string(), reason: z.string() });
export type Problem = z.infer<typeof Problem>;

/** The envelope in both inboxes. Either `fact` or `problem`; a message with a problem goes to the archive plane only. */
export const DaqMessage = z.object({
  /** `<instance>_message_<32 hex of sha256 of the content>`. */
  id: z.string(),
  receivedAt: z.iso.datetime(),
  destination: z.string(),
  dialect: z.enum(['runner', 'daqsim', 'unknown']),
  fact: DaqFact.optional(),
  problem: Problem.optional(),
  /** As it came, at most 100 kB. */
  raw: z.string().max(102_400),
  /** The message in quarantine whose place it takes, mended by a person. */
  mendOf: z.string().optional(),
});
export type DaqMessage = z.infer<typeof DaqMessage>;

/** An STF's message without its raw bytes: what travels through state machines. */
export const StfMessage = DaqMessage.omit({ raw: true, problem: true }).extend({ fact: StfFact });
export type StfMessage = z.infer<typeof StfMessage>;

/** The ledger's line about a message: how often it came, and what became of it. */
export const MessageRecord = z.object({
  id: z.string(),
  type: z.string(),
  runId: z.string().optional(),
  stfId: z.string().optional(),
  mendOf: z.string().optional(),
  receivedAt: z.iso.datetime(),
  /** How often it came, deliveries of the same sending not counted. */
  seen: z.int().min(1),
  /** Ids of the latest sendings, to tell a repeat of the DAQ from a redelivery of the queue. */
  sendings: z.array(z.string()),
});
export type MessageRecord = z.infer<typeof MessageRecord>;
