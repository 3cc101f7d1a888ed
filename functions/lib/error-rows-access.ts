/** Rows of the error catalogue about who asks and what they may. */
export const accessErrors = {
  'token-missing': {
    kind: 'Denied',
    message: 'A request without a token asked for what needs one',
    todo: 'Log in, or give --data with the folder that papilio runs in, or PAPILIO_TOKEN with a token.',
  },
  'token-refused': {
    kind: 'Denied',
    message: 'A token was shown that papilio does not take',
    todo: 'Log in again, or give PAPILIO_TOKEN with a token that holds; that of the administrator is in admin.token.',
  },
  'front-refused': {
    kind: 'Denied',
    message: 'Somebody spoke as the TLS front who is not',
    todo: 'Leave the headers papilio-tls-front and papilio-client-… to the front; operators: see docs/operators/tls-front.md.',
  },
  'certificate-refused': {
    kind: 'Denied',
    message: 'A certificate was presented that papilio does not take',
    todo: 'The detail says which and why: make a new proxy, or ask for a certificate of an authority that is trusted here.',
  },
  'role-missing': {
    kind: 'Denied',
    message: 'Who asks has no role that may do this',
    todo: 'See `papilio me can ACTION` for what would change it, and ask an administrator for one of the roles named.',
  },
  'token-excessive': {
    kind: 'Denied',
    message: 'A token was to be made that may more than who makes it',
    todo: 'Ask for roles, policies and facilities out of your own: `papilio me` names them.',
  },
} as const;
