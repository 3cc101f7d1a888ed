import { readFile, stat } from 'node:fs/promises';
import type { Config } from '#lib/config';
import { embedded } from '#lib/deps';
import { PapilioError } from '#lib/errors';
import type { Log } from '#lib/log';
import type { Clock } from '#ports/clock';
import type { Surroundings } from '../../functions/api/surroundings.ts';
import { tokenIn } from './admin-token.ts';

/** What nobody guesses; `openssl rand -base64 32` has 44. */
const secretMinLength = 32;
const readableByAll = 0o004;

/** @throws config-invalid for a secret that others may know */
const checkSecret = async (path: string): Promise<void> => {
  const name = 'PAPILIO_TLS_FRONT_SECRET_FILE';
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new PapilioError('config-invalid', `${name}: ${path} cannot be read`, error);
  });
  if (text.trim().length < secretMinLength)
    throw new PapilioError('config-invalid', `${name}: ${path} has less than ${secretMinLength} characters`);
  if (((await stat(path)).mode & readableByAll) !== 0)
    throw new PapilioError('config-invalid', `${name}: everybody on this machine may read ${path}; chmod o-r it`);
};

/** The TLS front that the settings describe, if they describe one. @throws config-invalid, roles-file-invalid */
export const tlsFrontOf = async (given: {
  readonly config: Config;
  readonly log: Log;
  readonly clock: Clock;
}): Promise<Pick<Surroundings, 'tlsFront'>> => {
  const { PAPILIO_TLS_FRONT_SECRET_FILE: path, PAPILIO_X509_CA_FOLDER: folder } = given.config;
  if (path === undefined) return {};
  await checkSecret(path);
  const isFront = tokenIn(path, given.clock);
  // A front that only speaks TLS has no certificates to tell of.
  if (folder === undefined) return { tlsFront: { isFront } };
  const openIdentity = await embedded.x509Identity();
  return { tlsFront: { isFront, ...(await openIdentity(given)) } };
};
