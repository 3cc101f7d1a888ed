import type { ErrorRow } from './error-row.ts';

/** Rows of the error catalogue about issuers of tokens, and about the file that says what their people may. */
export const identityErrors = {
  'identity-unavailable': {
    kind: 'Transient',
    message: 'The issuer of a token does not give its keys now',
    cause: 'The issuer of the token does not answer, or its keys could not be read, and none that are kept fit.',
    evidence:
      'The issuer’s /.well-known/openid-configuration with curl, from the machine of the front; `log/front.jsonl`.',
    todo: 'Try again soon; papilio’s own tokens and the administrator’s work meanwhile. Operators: see docs/operators/identity.md.',
  },
  'roles-file-invalid': {
    kind: 'Invalid',
    message: 'The roles file does not say who may what',
    cause: 'The file that PAPILIO_ROLES_FILE names is not there, is no JSON, or has a row that does not fit.',
    evidence: 'The detail names the row and the field; the example in docs/operators/identity.md.',
    todo: 'The reason names the row; docs/operators/identity.md has an example.',
  },
} as const satisfies Readonly<Record<string, ErrorRow>>;
