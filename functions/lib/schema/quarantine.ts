import * as z from 'zod';
import { Problem } from './daq-message.ts';

/** A message or file that broke a rule, kept whole with the rule's name. The plane that found it owns the record. */
export const Quarantine = z.object({
  id: z.string(),
  messageId: z.string(),
  problem: Problem,
  raw: z.string(),
  receivedAt: z.iso.datetime(),
  quarantinedAt: z.iso.datetime(),
  /** `released` when a late message made it legal after all. */
  state: z.enum(['held', 'released']),
});
export type Quarantine = z.infer<typeof Quarantine>;
