import * as z from 'zod';
import { Role } from './access.ts';

const named = z.string().min(1).max(255);

/**
 * One row of the roles file: whoever meets all that it names has its role. The operator owns the file; papilio reads it
 * at its start and when it has changed.
 */
export const RoleRule = z
  .strictObject({
    /** Whose tokens: needed as soon as more than one issuer is trusted, for each may name its groups as it likes. */
    issuer: named.optional(),
    /** `sub` of a token. */
    subject: named.optional(),
    /** One of `wlcg.groups`, `groups` or `eduperson_entitlement`; the whole name, case and all. */
    group: named.optional(),
    /** One of the token's scopes, the whole of it. */
    scope: named.optional(),
    /** Name of a certificate, as docs/operators/tls-front.md writes it; such a row is about no token. */
    dn: named.optional(),
    role: Role,
    /** Those that a facility admin cares for. */
    facilities: z.array(named).min(1).max(100).optional(),
  })
  .refine(
    ({ subject, group, scope, dn }) => (subject ?? group ?? scope ?? dn) !== undefined,
    'names nobody: say subject, group, scope or dn',
  )
  .refine(
    ({ issuer, subject, group, scope, dn }) => dn === undefined || (issuer ?? subject ?? group ?? scope) === undefined,
    'a dn stands alone: a certificate has no issuer, subject, group or scope of a token',
  )
  .refine(
    ({ role, facilities }) => (role === 'facility-admin') === (facilities !== undefined),
    'facilities belong to the role facility-admin, and it needs them',
  );
export type RoleRule = z.infer<typeof RoleRule>;

/** Who is not taken any more, though an issuer or authority vouches for them: a person, a single token, a certificate. */
export const Refusal = z
  .strictObject({
    issuer: named.optional(),
    subject: named.optional(),
    jti: named.optional(),
    /** Name of a certificate; such a row is about no token. */
    dn: named.optional(),
    /** Who decided it, and why: for the next reader. */
    note: z.string().max(500).optional(),
  })
  .refine(({ subject, jti, dn }) => (subject ?? jti ?? dn) !== undefined, 'refuses nobody: say subject, jti or dn')
  .refine(
    ({ issuer, subject, jti, dn }) => dn === undefined || (issuer ?? subject ?? jti) === undefined,
    'a dn stands alone: a certificate has no issuer, subject or jti of a token',
  );
export type Refusal = z.infer<typeof Refusal>;

/** The roles file. */
export const RolesFile = z.strictObject({
  rules: z.array(RoleRule).max(1_000),
  refused: z.array(Refusal).max(1_000).default([]),
});
export type RolesFile = z.infer<typeof RolesFile>;
