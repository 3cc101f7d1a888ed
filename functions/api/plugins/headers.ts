import { PapilioError } from '#lib/errors';
import type { App, Surroundings } from '../surroundings.ts';

/** Names of this machine for itself. A page of another site may make a browser send requests here, under its own name. */
const machineNames = ['127.0.0.1', 'localhost', '[::1]'];

const isOneOf = (names: ReadonlySet<string>, host: string | undefined): boolean =>
  host !== undefined && names.has(host.replace(/:\d{1,5}$/, '').toLowerCase());

/** Whether a request names a page as its origin that does not stand under the name that it asks. */
const isForeign = (origin: string | undefined, host: string | undefined): boolean =>
  origin !== undefined && origin.replace(/^https?:\/\//, '').toLowerCase() !== host?.toLowerCase();

/** Every answer names request, build and instance; what comes under a foreign name (DNS rebinding) or from a foreign page is refused. */
export const addHeaders = (app: App, { config, ownNames = [] }: Pick<Surroundings, 'config' | 'ownNames'>): void => {
  const names = new Set([...machineNames, ...ownNames.map((name) => name.toLowerCase())]);
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers({
      'papilio-request-id': request.id,
      'papilio-build': config.PAPILIO_BUILD,
      'papilio-instance': config.PAPILIO_INSTANCE,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    if (!isOneOf(names, request.headers.host)) {
      throw new PapilioError('host-refused', `Host: ${(request.headers.host ?? '').slice(0, 100)}`);
    }
    const { origin, host } = request.headers;
    if (isForeign(origin, host)) throw new PapilioError('origin-refused', `Origin: ${(origin ?? '').slice(0, 100)}`);
  });
};
