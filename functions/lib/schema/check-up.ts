import * as z from 'zod';

/**
 * What a look at a papilio finds: a line for each thing that was looked at. Made by `papilio doctor` and by the program that
 * reads a data folder for it, anew each time; nobody keeps it.
 */

/** What is looked at. */
export const CheckName = z.enum([
  'reach',
  'version',
  'clock',
  'token',
  'planes',
  'processes',
  'store',
  'records',
  'objects',
  'audit',
  'engine',
  'disk',
  'broker',
]);
export type CheckName = z.infer<typeof CheckName>;

/** `problem`: somebody has to do something; `warning`: it needs a look; `unseen`: it cannot be seen from here. */
export const CheckLevel = z.enum(['ok', 'warning', 'problem', 'unseen']);
export type CheckLevel = z.infer<typeof CheckLevel>;

export const Check = z.object({
  check: CheckName,
  /** Of which one, where there are several: a plane, a broker. */
  of: z.string().optional(),
  level: CheckLevel,
  what: z.string(),
  /** What to try. */
  todo: z.string().optional(),
});
export type Check = z.infer<typeof Check>;

/** How it stands with the brokers that a bridge listens to, as the bridge last wrote it down. */
export const BridgeState = z.object({
  /** When the bridge last reported; absent in the files of earlier builds. */
  at: z.iso.datetime().optional(),
  brokers: z.array(
    z.object({
      name: z.string(),
      url: z.string(),
      isConnected: z.boolean(),
      since: z.iso.datetime(),
      /** Why it is away, and how often it was tried. */
      reason: z.string().optional(),
      tries: z.int().min(0).optional(),
    }),
  ),
});
export type BridgeState = z.infer<typeof BridgeState>;
