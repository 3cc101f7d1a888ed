import * as z from 'zod';
import { Principal, Role } from './access.ts';

/** Who papilio takes somebody for; made for each request. */
export const Me = Principal.extend({
  /** How papilio knows, in words. */
  from: z.string(),
  /** What they may do, by policy, to things of their own at least. */
  may: z.array(z.string()),
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
