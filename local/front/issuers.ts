import type { Config } from '#lib/config';
import { embedded } from '#lib/deps';
import { type Log, silentLog } from '#lib/log';
import { systemClock } from '#lib/system-clock';
import type { Clock } from '#ports/clock';
import type { Surroundings } from '../../functions/api/surroundings.ts';

type Given = { readonly config: Config; readonly log: Log; readonly clock: Clock };

/** The issuers that the settings name, if they name any. @throws config-invalid, roles-file-invalid */
export const identityOf = async (given: Given): Promise<Pick<Surroundings, 'identity'>> => {
  if (given.config.PAPILIO_OIDC_ISSUER.length === 0) return {};
  const openIdentity = await embedded.oidcIdentity();
  return { identity: await openIdentity(given) };
};

/** Refuses wrong settings before anything is started by them; no issuer is asked. @throws config-invalid, roles-file-invalid */
export const checkIssuers = async (config: Config): Promise<void> => {
  await identityOf({ config, log: silentLog, clock: systemClock });
};
