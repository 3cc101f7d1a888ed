import type { Principal } from '#schema/access';

/** Who somebody is, as a bearer token says it of an issuer that the operator trusts. */
export type Identity = {
  /** The token's holder and what the roles file gives them. @throws token-refused, identity-unavailable */
  readonly verify: (token: string) => Promise<Principal>;
};

/** Who somebody is, as certificates say it that a TLS front presents. */
export type CertificateIdentity = {
  /** @param chain each as DER, the client's own first @throws certificate-refused */
  readonly verify: (chain: readonly Buffer[]) => Promise<Principal>;
};
