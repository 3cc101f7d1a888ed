import * as z from 'zod';
import { type Reading, readDaqBody } from './daq-dialects.ts';
import { Problem, StfFact } from './daq-message.ts';

/** What a person did to a held message; the command of that id has the rest, a mended body included. */
export const QuarantineAct = z.object({
  commandId: z.string(),
  act: z.enum(['mend', 'replay', 'discard']),
  by: z.string(),
  why: z.string(),
  at: z.iso.datetime(),
  /** The message that took its place. */
  mendedId: z.string().optional(),
});
export type QuarantineAct = z.infer<typeof QuarantineAct>;

/** A message or file that broke a rule, kept whole with the rule's name. The plane that found it owns the record. */
export const Quarantine = z.object({
  id: z.string(),
  messageId: z.string(),
  problem: Problem,
  raw: z.string(),
  /** Its bytes alone decided: they could not be read. */
  isUnread: z.boolean().optional(),
  receivedAt: z.iso.datetime(),
  quarantinedAt: z.iso.datetime(),
  /** `released`: it became right after all. `mended`: another took its place. `discarded`: it counts for nothing. */
  state: z.enum(['held', 'released', 'mended', 'discarded']),
  /** The latest, oldest first. */
  acts: z.array(QuarantineAct).optional(),
});
export type Quarantine = z.infer<typeof Quarantine>;

/** From which state each act may be done; what was discarded by mistake can be taken up again. */
export const actableFrom: Readonly<Record<QuarantineAct['act'], readonly Quarantine['state'][]>> = {
  mend: ['held', 'discarded'],
  replay: ['held', 'discarded'],
  discard: ['held'],
};

/** What mending needs: the message as it should have been, short enough for one message of a queue. */
export const Mend = z.object({
  body: z
    .string()
    .min(1)
    .refine((text) => new TextEncoder().encode(JSON.stringify(text)).length <= 100_000, 'at most 100 kB as JSON')
    .describe('The whole body as the sender should have sent it'),
});

/** What a held message says when it is read now; the work plane holds of some STFs the fact, not the bytes. */
export const readHeld = (raw: string): Reading => {
  const reading = readDaqBody(raw);
  if ('fact' in reading) return reading;
  const fact = StfFact.safeParse(jsonOf(raw));
  return fact.success ? { dialect: 'runner', fact: fact.data } : reading;
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
