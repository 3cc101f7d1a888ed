import type { Principal } from '#schema/access';

/** Who somebody is, as a bearer token says it of an issuer that the operator trusts. */
export type Identity = {
  /** The token's holder and what the roles file gives them. @throws token-refused, identity-unavailable */
  readonly verify: (token: string) => Promise<Principal>;
};
