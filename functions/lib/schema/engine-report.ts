import * as z from 'zod';

/**
 * What a look at an engine finds: made by the engine, or by one who reads its folder while it is down. Nobody keeps it.
 */

/** `problem`: somebody has to do something now; `warning`: it will need a look. */
export const Finding = z.object({
  level: z.enum(['problem', 'warning']),
  code: z.string(),
  what: z.string(),
  todo: z.string(),
});
export type Finding = z.infer<typeof Finding>;

const JournalFile = z.object({
  name: z.string(),
  sizeBytes: z.int().min(0),
  records: z.int().min(0).optional(),
  /** Version of the code that wrote it. */
  interpreter: z.string().optional(),
  createdAt: z.string().optional(),
  /** Bytes of a last write that is not whole; nothing in them was answered. */
  tornBytes: z.int().min(0).optional(),
});

/** Where executions spend their time: of the latest ones of each state machine. */
const SlowState = z.object({
  machine: z.string(),
  state: z.string(),
  type: z.string(),
  count: z.int().min(0),
  p50Ms: z.number(),
  p95Ms: z.number(),
  retries: z.int().min(0),
});
export type SlowState = z.infer<typeof SlowState>;

const Wait = z.object({ execution: z.string(), state: z.string(), since: z.iso.datetime(), ageS: z.number() });

export const EngineReport = z.object({
  at: z.iso.datetime(),
  /** `serving`: told by the engine itself; `folder`: read from its folder. */
  from: z.enum(['serving', 'folder']),
  folder: z.string(),
  account: z.string(),
  journal: z.object({
    state: z.enum(['ok', 'full', 'failing', 'damaged']),
    sizeBytes: z.int().min(0),
    segments: z.int().min(0),
    /** Number of the newest snapshot, 0 for none. */
    snapshot: z.int().min(0),
    /** What a start reads behind the snapshot. */
    unfoldedBytes: z.int().min(0),
    files: z.array(JournalFile),
  }),
  executions: z.object({ running: z.int().min(0), known: z.int().min(0) }),
  /** What running executions wait for. */
  waiting: z.record(z.string(), z.int().min(0)),
  queues: z.record(z.string(), z.object({ ready: z.int(), inFlight: z.int(), delayed: z.int() })),
  slow: z.array(SlowState),
  /** Waits that no timeout ends, the oldest first. */
  openWaits: z.array(Wait),
  services: z.array(z.object({ name: z.string(), url: z.string(), error: z.string().optional() })),
  disk: z.object({ freeBytes: z.number(), sizeBytes: z.number() }).optional(),
  /** How far the engine's time is ahead of the machine's clock. */
  clockAheadMs: z.number(),
  findings: z.array(Finding),
});
export type EngineReport = z.infer<typeof EngineReport>;
