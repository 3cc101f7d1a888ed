import * as z from 'zod';
import { Origin } from './command.ts';
import { TokenUse } from './token.ts';
import { pageOf } from './view.ts';

/** Fields of a thing's records, `<kind>.<field>`, that an act has changed. */
const Changes = z.record(z.string(), z.unknown());

/**
 * One line of the audit log: who did what to which thing, why, what was there before and after, and from where. Lines of
 * acts that a plane has ended are the commands themselves; the front tells of those that it refused or did itself.
 */
export const AuditLine = z.object({
  id: z.string(),
  /** When it ended. */
  at: z.iso.datetime(),
  by: z.string(),
  /** The act, by its policy. */
  action: z.string(),
  /** The thing; of a refused act, as it was typed. */
  subject: z.string(),
  why: z.string().optional(),
  /**
   * `denied`: who asked may not. `refused`: they may, and it could not be done. `begun`: an engine was asked, and whether it
   * did it is not known: somebody was away in the midst.
   */
  outcome: z.enum(['begun', 'done', 'refused', 'denied']),
  problem: z.object({ code: z.string(), reason: z.string() }).optional(),
  from: Origin.optional(),
  /** How often the same was refused, of which this line tells. */
  count: z.int().min(1),
  data: Changes.optional(),
  before: Changes.optional(),
  after: Changes.optional(),
  /** Who wrote it down. */
  plane: z.enum(['archive', 'work', 'front']),
});
export type AuditLine = z.infer<typeof AuditLine>;

export const AuditPage = pageOf(AuditLine);

/** What the front tells the work plane about who asks. */
export const AccessFacts = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('uses'), uses: z.array(TokenUse).min(1).max(1000) }),
  z.object({ kind: z.literal('audit'), lines: z.array(AuditLine).min(1).max(300) }),
]);
export type AccessFacts = z.infer<typeof AccessFacts>;
