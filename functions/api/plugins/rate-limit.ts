import type { FastifyReply, FastifyRequest } from 'fastify';
import { PapilioError } from '#lib/errors';
import { clientAddress, isLoopback } from '../connections.ts';
import type { Limits, Quota } from '../limits.ts';
import { createCounter, type Standing } from '../quota.ts';
import type { App, Surroundings } from '../surroundings.ts';

type Needs = Pick<Surroundings, 'clock'>;
type Counted = { readonly key: string; readonly name: 'known' | 'local' | 'unknown'; readonly quota: Quota };

const seconds = (ms: number): number => Math.ceil(ms / 1000);

/** By whom a request is counted: who asks, or, for who is not known or sits at this machine, the address. */
const countedAs = ({ principal, ip }: FastifyRequest, { known, local, unknown }: Limits): Counted => {
  const { kind, id } = principal;
  if (kind !== 'anonymous' && kind !== 'local-admin') return { key: `${kind} ${id}`, name: 'known', quota: known };
  const address = clientAddress(ip);
  return isLoopback(ip)
    ? { key: 'loopback', name: 'local', quota: local }
    : { key: address, name: 'unknown', quota: unknown };
};

/** @throws rate-exceeded, after saying when to come again */
const refuse = (reply: FastifyReply, what: string, { requests, windowS }: Quota, { nextInMs }: Standing): never => {
  void reply.header('retry-after', String(Math.max(1, seconds(nextInMs))));
  throw new PapilioError('rate-exceeded', `${what}: ${requests} in ${windowS} s are used up`);
};

declare module 'fastify' {
  interface FastifyInstance {
    /** Takes note of a token that was refused. @throws rate-exceeded from whom there were too many */
    tokenRefused: (request: FastifyRequest, reply: FastifyReply) => void;
  }
}

/**
 * Tells who shows many tokens that are refused to come again later, in the place of the refusal. Good tokens are looked at
 * all the while: behind a TLS front or a site's gateway many people have one address. It comes before identity, which asks it.
 */
export const refuseGuessing = (app: App, { clock }: Needs, { refused }: Limits): void => {
  const counter = createCounter();
  app.decorate('tokenRefused', ({ ip }, reply) => {
    const standing = counter.take(clientAddress(ip), refused, clock.nowMs());
    if (!standing.isAllowed) refuse(reply, 'tokens that were refused', refused, standing);
  });
};

/** Counts every request and says in `RateLimit` how it stands, as the draft of the IETF has it. It comes after identity. */
export const limitRates = (app: App, { clock }: Needs, limits: Limits): void => {
  const counter = createCounter();
  const saidOf = (name: Counted['name']) => `"${name}";q=${limits[name].requests};w=${limits[name].windowS}`;
  const said = { known: saidOf('known'), local: saidOf('local'), unknown: saidOf('unknown') };
  app.addHook('onRequest', (request, reply, done) => {
    const { key, name, quota } = countedAs(request, limits);
    const standing = counter.take(key, quota, clock.nowMs());
    void reply.headers({
      'ratelimit-policy': said[name],
      ratelimit: `"${name}";r=${standing.remaining};t=${seconds(standing.fullInMs)}`,
    });
    if (!standing.isAllowed) refuse(reply, 'requests', quota, standing);
    done();
  });
};
