import * as z from 'zod';
import { Principal, Role } from './access.ts';

/** How somebody stands with one quota. */
export const QuotaLine = z.object({
  /** `requests`, `waiting`, `streams`, `bodyBytes`, `tokensAlive` or `tokensMade`. */
  name: z.string(),
  /** So much is allowed: at a time, or in `windowS` seconds. */
  most: z.number(),
  used: z.number(),
  windowS: z.number().optional(),
});
export type QuotaLine = z.infer<typeof QuotaLine>;

/** Who papilio takes somebody for; made for each request. */
export const Me = Principal.extend({
  /** How papilio knows, in words. */
  from: z.string(),
  /** What they may do, by policy, to things of their own at least. */
  may: z.array(z.string()),
  /** How much they may use and use now; the tokens that somebody has made are counted with them. */
  quotas: z.array(QuotaLine).optional(),
});
export type Me = z.infer<typeof Me>;

/** Whether somebody may do something, and what would change it. */
export const Can = z.object({
  action: z.string(),
  /** The thing, as it was asked for. */
  on: z.string().optional(),
  isAllowed: z.boolean(),
  /** A sentence. */
  because: z.string(),
  /** Roles of which one is enough. */
  roles: z.array(Role),
  /** Roles that are enough for what is theirs. */
  ownRoles: z.array(Role),
  /** What would change it, if they may not. */
  change: z.string().optional(),
});
export type Can = z.infer<typeof Can>;
