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
  'role-missing': {
    kind: 'Denied',
    message: 'Who asks has no role that may do this',
    todo: 'See `papilio me can ACTION` for what would change it, and ask an administrator for one of the roles named.',
  },
} as const;
