import type { FastifyReply, FastifyRequest } from 'fastify';
import { PapilioError } from '#lib/errors';
import { hasManyHosts, ownHosts } from '#lib/own-host';
import type { App, Surroundings } from '../surroundings.ts';

/** Whether a request names a page as its origin that does not stand under the name that it asks. */
const isForeign = (origin: string | undefined, host: string | undefined): boolean =>
  origin !== undefined && origin.replace(/^https?:\/\//, '').toLowerCase() !== host?.toLowerCase();

/** What a caller may call a request; it is told back and logged beside papilio's own id, which stays the only one. */
const callerId = /^[\w.:/+=-]{1,128}$/;

const sayCallerId = ({ headers }: FastifyRequest, reply: FastifyReply): void => {
  const given = headers['x-request-id'];
  if (typeof given === 'string' && callerId.test(given)) void reply.header('x-request-id', given);
};

/** Every answer names request, build and instance; what comes under a foreign name (DNS rebinding) or from a foreign page is refused. */
export const addHeaders = (app: App, { config, ownNames = [] }: Pick<Surroundings, 'config' | 'ownNames'>): void => {
  const isOwn = ownHosts(ownNames);
  const { PAPILIO_BUILD: build, PAPILIO_INSTANCE: instance } = config;
  // No promise: this stands before every request.
  app.addHook('onRequest', (request, reply, done) => {
    void reply.headers({
      'papilio-request-id': request.id,
      'papilio-build': build,
      'papilio-instance': instance,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    sayCallerId(request, reply);
    const { origin, host } = request.headers;
    // A URI in full names a host of its own, beside the one that is looked at here.
    if (!request.url.startsWith('/')) throw new PapilioError('request-unreadable', 'the target is no path');
    if (hasManyHosts(request.raw)) throw new PapilioError('request-unreadable', 'more than one header Host');
    if (!isOwn(host)) throw new PapilioError('host-refused', `Host: ${(host ?? '').slice(0, 100)}`);
    if (isForeign(origin, host)) throw new PapilioError('origin-refused', `Origin: ${(origin ?? '').slice(0, 100)}`);
    done();
  });
};
