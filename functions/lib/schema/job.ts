import * as z from 'zod';
import { MergeManifest, MergeRecord } from './output.ts';

/**
 * Job and attempt: one unit of work at one site, and one try of it. Papilio owns them; a job changes when an attempt
 * does, an attempt when its facility says so.
 */

/** What a payload may use; exceeded, the attempt ends with the error that names it. */
export const Resources = z.object({
  cores: z.int().min(1),
  memoryMb: z.int().min(16),
  diskMb: z.int().min(1),
  timeoutS: z.number().positive(),
});
export type Resources = z.infer<typeof Resources>;

/** An input file: the same bytes at its address and under every path, of which the first that is there is read. */
export const PayloadInput = z
  .object({
    name: z.string(),
    /** Where it can be fetched for a while; looked at before the paths. */
    url: z.url({ protocol: /^https?$/ }).optional(),
    paths: z.array(z.string()),
    sizeBytes: z.int().min(0).optional(),
    checksumAdler32: z.string().optional(),
  })
  .refine(({ url, paths }) => url !== undefined || paths.length > 0, 'has neither url nor paths');
export type PayloadInput = z.infer<typeof PayloadInput>;

/** The container and command that a job runs. `command` never passes through a shell. */
export const Payload = z.object({
  name: z.string(),
  command: z.array(z.string()).min(1),
  environment: z.record(z.string(), z.string()).default({}),
  inputs: z.array(PayloadInput),
  /** File in the job's folder that lists further inputs, one a line, in the form of `inputs`. */
  inputList: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/)
    .optional(),
  /** Relative to the job's folder. */
  output: z.string(),
});
export type Payload = z.infer<typeof Payload>;

/** How a payload ended: an exit code or a signal, never both; or a limit that papilio enforced. */
export const AttemptEnd = z.object({
  outcome: z.enum(['succeeded', 'failed', 'killed', 'timeout', 'memory', 'disk', 'cancelled', 'lost']),
  exitCode: z.int().min(0).max(255).optional(),
  signal: z.string().optional(),
  startedAt: z.iso.datetime().optional(),
  endedAt: z.iso.datetime(),
  cpuUserS: z.number().min(0).optional(),
  cpuSystemS: z.number().min(0).optional(),
  memoryPeakMb: z.number().min(0).optional(),
  /** For a person: what was found. */
  reason: z.string().optional(),
});
export type AttemptEnd = z.infer<typeof AttemptEnd>;

export const AttemptState = z.enum(['submitting', 'submitted', 'settled']);

export const Attempt = z.object({
  id: z.string(),
  number: z.int().min(1),
  bundleId: z.string(),
  facility: z.string(),
  queue: z.string(),
  state: AttemptState,
  submittingAt: z.iso.datetime(),
  submittedAt: z.iso.datetime().optional(),
  /** What the facility calls it: pid and start time for the local kind. */
  handle: z.string().optional(),
  end: AttemptEnd.optional(),
});
export type Attempt = z.infer<typeof Attempt>;

export const JobState = z.enum(['waiting', 'assigned', 'submitting', 'submitted', 'succeeded', 'failed', 'cancelled']);
export type JobState = z.infer<typeof JobState>;

/** A queue of a facility that holds a slot for one attempt of a job. */
export const Place = z.object({
  jobId: z.string(),
  attemptId: z.string(),
  attempt: z.int().min(1),
  bundleId: z.string(),
  facility: z.string(),
  queue: z.string(),
});
export type Place = z.infer<typeof Place>;

/** What a person did to a job. */
export const JobAct = z.object({
  commandId: z.string(),
  act: z.enum(['cancel', 'retry']),
  by: z.string(),
  why: z.string(),
  at: z.iso.datetime(),
  /** Of a retry: the attempt with which the job goes on, or the pass that takes up its input. */
  attempt: z.int().min(1).optional(),
  pass: z.int().min(2).optional(),
});
export type JobAct = z.infer<typeof JobAct>;

export const Job = z.object({
  id: z.string(),
  runId: z.string(),
  /** STF that it reads; none for the merge of a run. */
  stfId: z.string().optional(),
  task: z.string(),
  /** Which processing of the same input; the first where it does not say. */
  pass: z.int().min(1).optional(),
  /** Of the merge of a run: what it merges. */
  merge: MergeRecord.extend({ manifest: MergeManifest }).optional(),
  state: JobState,
  resources: Resources,
  attempts: z.array(Attempt),
  /** Where the broker put it: there from assignment until the attempt has settled. */
  place: Place.optional(),
  createdAt: z.iso.datetime(),
  settledAt: z.iso.datetime().optional(),
  /** Error code of the last attempt, if the job failed; `job-cancelled` if it was cancelled. */
  errorCode: z.string().optional(),
  /** Who asked for the work; what the stream itself asks for has none. */
  owner: z.string().max(120).optional(),
  /** The first attempt since a person had it run again, or since the execution of the one before was stopped: what comes of an earlier one does not count any more. */
  attemptFrom: z.int().min(1).optional(),
  /** The last attempt to which its executions came, where no record of an attempt says so. */
  attemptLast: z.int().min(1).optional(),
  /** The latest, oldest first. */
  acts: z.array(JobAct).optional(),
});
export type Job = z.infer<typeof Job>;
