import type { Authorization } from './authorization.ts';
import type { Connection } from './connections.ts';

/** Shorter texts would be found by chance. */
const MIN_SECRET_CHARS = 8;
const BLOT = '********';

/** The texts that only a connection may know. */
export const secretsOf = (connection: Connection, authorization: Authorization): readonly string[] => {
  const parameters = Object.values(connection.AuthParameters.InvocationHttpParameters).flat();
  const hidden = parameters.filter(({ IsValueSecret }) => IsValueSecret).map(({ Value }) => Value);
  return [...authorization.secrets, ...hidden];
};

/** Takes out what only the connection may know, should it stand in a text: texts stand in the history. */
export const withoutSecrets = (text: string, secrets: readonly string[]): string =>
  secrets
    .filter((secret) => secret.length >= MIN_SECRET_CHARS)
    .reduce((clean, secret) => clean.replaceAll(secret, BLOT), text);
