import * as z from 'zod';

/**
 * The processes of a running papilio, as its supervisor keeps them in `processes.json` of the data folder. The supervisor
 * owns it; it changes when a process starts, is ready, or ends. It means nothing once the supervisor has ended.
 */

/** `down`: it ended, or did not come up; papilio goes on trying unless `isFinal`. */
export const ProcessState = z.enum(['starting', 'up', 'down']);
export type ProcessState = z.infer<typeof ProcessState>;

/** The last end of a process. */
export const ProcessExit = z.object({
  at: z.iso.datetime(),
  /** One line for a person: a signal, or the last error of its log. */
  cause: z.string(),
  /** Code of the error catalogue, where the process named one. */
  code: z.string().optional(),
});
export type ProcessExit = z.infer<typeof ProcessExit>;

/** One process through all its starts under this supervisor. */
export const ProcessLine = z.object({
  name: z.string(),
  state: ProcessState,
  pid: z.int().min(1).optional(),
  starts: z.int().min(0),
  /** Starts after the first. */
  restarts: z.int().min(0),
  /** When it entered its state. */
  since: z.iso.datetime(),
  lastExit: ProcessExit.optional(),
  /** It is not started again until a person has removed the cause. */
  isFinal: z.literal(true).optional(),
});
export type ProcessLine = z.infer<typeof ProcessLine>;

/** What `processes.json` holds. */
export const Processes = z.object({ format: z.literal(1), processes: z.array(ProcessLine) });
export type Processes = z.infer<typeof Processes>;
