import * as z from 'zod';
import { Role } from './access.ts';
import { written } from './text.ts';
import { pageOf } from './view.ts';

/**
 * A token that papilio has made for a machine. Who made it owns it; it is written when it is made and when it is ended.
 * Papilio keeps a hash of it, and shows the token itself once.
 */
export const Token = z.object({
  /** `prod_token_<16 hex>`; the same 16 stand in the token, so that one that was found can be ended. */
  id: z.string().max(80),
  /** What it is for. */
  name: written(80),
  /** The principal that made it: what is theirs is the token's too. */
  owner: z.string().min(1).max(120),
  roles: z.array(Role).min(1),
  facilities: z.array(z.string()),
  /** If it is limited to some policies, these. */
  policies: z.array(z.string()).min(1).optional(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().optional(),
  revokedBy: z.string().optional(),
  hashSha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Token = z.infer<typeof Token>;

/** What the act `token.create` needs. */
export const TokenGrant = Token.pick({
  name: true,
  owner: true,
  roles: true,
  facilities: true,
  policies: true,
  hashSha256: true,
}).extend({ days: z.int().min(1).max(366) });
export type TokenGrant = z.infer<typeof TokenGrant>;

/** When a token was last seen, to the minute; the front tells it from time to time. */
export const TokenUse = z.object({ id: z.string(), lastUsedAt: z.iso.datetime() });
export type TokenUse = z.infer<typeof TokenUse>;

/** A token as it is shown: never the token, nor its hash. */
export const TokenView = Token.omit({ hashSha256: true }).extend({
  state: z.enum(['active', 'expired', 'revoked']),
  lastUsedAt: z.iso.datetime().optional(),
});
export type TokenView = z.infer<typeof TokenView>;

export const TokenPage = pageOf(TokenView);

/** What is wanted of a new token: some of one's roles, or some policies, or both. */
export const TokenWish = z.strictObject({
  name: Token.shape.name.describe('What it is for'),
  why: written(500).describe('The reason, kept for ever'),
  roles: z
    .array(Role)
    .min(1)
    .max(10)
    .optional()
    .describe('Some of your own, or `viewer` or `user`; all of yours if only policies are named'),
  policies: z
    .array(z.string().max(60))
    .min(1)
    .max(100)
    .optional()
    .describe('What it is limited to, such as `job.read`'),
  facilities: z
    .array(z.string().max(31))
    .max(100)
    .optional()
    .describe('Of a facility admin: some of those that you care for; all without it'),
  days: z.int().min(1).max(366).default(90).describe('How long it holds'),
});
export type TokenWish = z.infer<typeof TokenWish>;

/** A token that was made. */
export const TokenMade = z.object({
  id: z.string(),
  /** The token: shown this once. Not there when the same request, by its key, has shown it before. */
  secret: z.string().optional(),
  expiresAt: z.iso.datetime(),
  /** `waiting`: it holds as soon as the work plane has it. */
  state: z.enum(['waiting', 'done']),
  /** What was asked, as `/v1/commands/{id}` has it. */
  command: z.string(),
});
export type TokenMade = z.infer<typeof TokenMade>;
