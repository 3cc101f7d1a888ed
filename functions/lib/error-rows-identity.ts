/** Rows of the error catalogue about issuers of tokens, and about the file that says what their people may. */
export const identityErrors = {
  'identity-unavailable': {
    kind: 'Transient',
    message: 'The issuer of a token does not give its keys now',
    todo: 'Try again soon; papilio’s own tokens and the administrator’s work meanwhile. Operators: see docs/operators/identity.md.',
  },
  'roles-file-invalid': {
    kind: 'Invalid',
    message: 'The roles file does not say who may what',
    todo: 'The reason names the row; docs/operators/identity.md has an example.',
  },
} as const;
