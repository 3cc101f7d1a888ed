import * as z from 'zod';

/**
 * Who asks, and what they are. Issuers, the administrator and papilio's own tokens say who; the roles file and the token
 * say which roles. Papilio makes a principal anew for each request and keeps none.
 */
export const Role = z.enum(['viewer', 'user', 'expert', 'operator', 'facility-admin', 'production-manager', 'admin']);
export type Role = z.infer<typeof Role>;

/** How somebody showed who they are. */
export const PrincipalKind = z.enum(['anonymous', 'local-admin', 'machine', 'oidc', 'x509']);
export type PrincipalKind = z.infer<typeof PrincipalKind>;

/** Who asks. */
export const Principal = z.object({
  /** What acts are done by: `admin`, `<subject>@<issuer>`, a certificate's name, or a token's id. */
  id: z.string().min(1).max(120),
  kind: PrincipalKind,
  /** What people call them. */
  name: z.string().max(200).optional(),
  roles: z.array(Role),
  /** Those that a facility admin cares for, by name. */
  facilities: z.array(z.string()),
  groups: z.array(z.string()),
  scopes: z.array(z.string()),
  issuer: z.string().optional(),
  /** Who made the token that was shown: what is theirs is the token's too. */
  owner: z.string().optional(),
  /** Papilio's own token that was shown. */
  tokenId: z.string().optional(),
  /** If a token is limited to some policies, these. */
  policies: z.array(z.string()).optional(),
  expiresAt: z.iso.datetime().optional(),
});
export type Principal = z.infer<typeof Principal>;

/** Whose a thing is: the facility that it belongs to, and the principal that owns it. */
export const Belonging = z.object({ facility: z.string().optional(), owner: z.string().optional() });
export type Belonging = z.infer<typeof Belonging>;
