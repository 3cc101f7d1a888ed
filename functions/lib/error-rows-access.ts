import type { ErrorRow } from './error-row.ts';

/** Rows of the error catalogue about who asks and what they may. */
export const accessErrors = {
  'token-missing': {
    kind: 'Denied',
    message: 'A request without a token asked for what needs one',
    cause: 'The request has no Authorization header, and what it asks for is not open to everybody.',
    evidence: '`papilio whoami` says as whom you are seen; `papilio can ACTION` who may.',
    todo: 'Log in, or give --data with the folder that papilio runs in, or PAPILIO_TOKEN with a token.',
  },
  'token-refused': {
    kind: 'Denied',
    message: 'A token was shown that papilio does not take',
    cause: 'The token has expired, was revoked, is not whole, or comes from an issuer that is not trusted here.',
    evidence: 'The detail says what is wrong with it; `papilio whoami` and `papilio doctor` try the one that you have.',
    todo: 'Log in again, or give PAPILIO_TOKEN with a token that holds; that of the administrator is in admin.token.',
  },
  'front-refused': {
    kind: 'Denied',
    message: 'Somebody spoke as the TLS front who is not',
    cause: 'The headers of the TLS front came without its secret, or with a wrong one.',
    evidence:
      '`log/front.jsonl` under the request id; the file that PAPILIO_TLS_FRONT_SECRET_FILE names, on both machines.',
    todo: 'Leave the headers papilio-tls-front and papilio-client-… to the front; operators: see docs/operators/tls-front.md.',
  },
  'certificate-refused': {
    kind: 'Denied',
    message: 'A certificate was presented that papilio does not take',
    cause: 'The chain does not end at a trusted authority, has expired, was revoked, or is a limited proxy.',
    evidence:
      '`openssl x509 -noout -subject -issuer -dates` on the certificate; the authorities in PAPILIO_X509_CA_FOLDER.',
    todo: 'The detail says which and why: make a new proxy, or ask for a certificate of an authority that is trusted here.',
  },
  'role-missing': {
    kind: 'Denied',
    message: 'Who asks has no role that may do this',
    cause: 'The roles of your groups, scopes or token do not include one that the policy names.',
    evidence: '`papilio can ACTION` says why not; operators see every refusal with `papilio audit list`.',
    todo: 'See `papilio can ACTION` for what would change it, and ask an administrator for one of the roles named.',
  },
  'token-excessive': {
    kind: 'Denied',
    message: 'A token was to be made that may more than who makes it',
    cause: 'The roles, policies or facilities that were asked for are not all your own.',
    evidence: '`papilio whoami` names yours; the detail names what is too much.',
    todo: 'Ask for roles, policies and facilities out of your own: `papilio whoami` names them.',
  },
} as const satisfies Readonly<Record<string, ErrorRow>>;
