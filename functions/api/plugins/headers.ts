import { PapilioError } from '#lib/errors';
import type { App, Surroundings } from '../surroundings.ts';

/** Names of this machine for itself. A page of another site may make a browser send requests here, under its own name. */
const ownNames = new Set(['127.0.0.1', 'localhost', '[::1]']);

const isOwnName = (host: string | undefined): boolean =>
  host !== undefined && ownNames.has(host.replace(/:\d{1,5}$/, '').toLowerCase());

/** Every answer names request, build and instance; requests under a foreign name are refused (DNS rebinding). */
export const addHeaders = (app: App, { config }: Pick<Surroundings, 'config'>): void => {
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers({
      'papilio-request-id': request.id,
      'papilio-build': config.PAPILIO_BUILD,
      'papilio-instance': config.PAPILIO_INSTANCE,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    if (!isOwnName(request.headers.host)) {
      throw new PapilioError('host-refused', `Host: ${(request.headers.host ?? '').slice(0, 100)}`);
    }
  });
};
