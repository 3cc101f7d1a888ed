/** Numbers of the trust in certificates; each is said in docs/operators/tls-front.md. */
export const policy = {
  /** One certificate; a proxy with the attributes of a virtual organisation in it has some 4 kB. */
  certificateMaxBytes: 8_192,
  /** The certificate, its proxies and its authorities. */
  chainMax: 10,
  /** Authorities from a certificate to a root. */
  authoritiesMax: 6,
  /** How much later than ours the clock may be of who makes a proxy and uses it at once. */
  skewMs: 60_000,
  rsaMinBits: 2_048,
  /** The folder of authorities is looked at again after this, if somebody asks. */
  reloadMs: 60_000,
  /** What was found right is not worked out again for so long. */
  rememberMs: 60_000,
  rememberMax: 1_000,
  /** What acts are done by has at most this length; a longer name is cut. */
  idMax: 120,
} as const;
