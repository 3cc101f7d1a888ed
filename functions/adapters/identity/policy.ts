/** Numbers of the trust in issuers; each is said in docs/operators/identity.md. */
export const policy = {
  /** A WLCG token has some 1 kB, one with many groups 4; Node reads 16 kB of headers in all. */
  tokenMaxBytes: 8_192,
  /** Claims are flat; `eduperson_assurance` and `act` have one level. */
  depthMax: 8,
  /** How much an issuer's clock and ours may differ. */
  skewS: 60,
  /** Discovery and keys together: a request waits so long for an issuer at most. */
  issuerTimeoutMs: 3_000,
  /** Of a discovery document or key set; real ones have some 5 kB. */
  documentMaxBytes: 262_144,
  keysMax: 64,
  /** Keys are asked for again after this, while those at hand are used. */
  keysSoftMs: 150_000,
  /** The longest that a withdrawn key is good for, if its issuer answers. */
  keysFreshMs: 300_000,
  /** The longest that keys are good for while their issuer does not answer. */
  keysStaleMs: 3_600_000,
  /** Tokens that name an unknown key make papilio ask for keys once in this time. */
  unknownKeyMs: 30_000,
  /** How often the roles file is looked at, if somebody asks. */
  rolesLookMs: 1_000,
  /** An issuer that did not answer is left alone for so long. */
  failedMs: 10_000,
} as const;
