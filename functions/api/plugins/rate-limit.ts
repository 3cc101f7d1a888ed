import type { FastifyReply, FastifyRequest } from 'fastify';
import { PapilioError } from '#lib/errors';
import type { Principal } from '#schema/access';
import { accountOf } from '../accounts.ts';
import { clientAddress, isLoopback } from '../connections.ts';
import type { Limits, Quota } from '../limits.ts';
import { createCounter, type Standing } from '../quota.ts';
import type { App, Surroundings } from '../surroundings.ts';

type Needs = Pick<Surroundings, 'clock'>;
type Counted = { readonly key: string; readonly name: 'known' | 'local' | 'unknown'; readonly quota: Quota };

const seconds = (ms: number): number => Math.ceil(ms / 1000);

/** By whom a request is counted: by account, or by address where whoever is at this machine's own account is elsewhere. */
const countedAs = (principal: Principal, ip: string, { known, local, unknown }: Limits): Counted => {
  const account = accountOf(principal);
  if (account.class === 'known') return { key: account.key, name: 'known', quota: known };
  return isLoopback(ip)
    ? { key: account.key, name: 'local', quota: local }
    : { key: clientAddress(ip), name: 'unknown', quota: unknown };
};

/** When to come again. */
export const sayRetryAfter = (reply: FastifyReply, { nextInMs }: Pick<Standing, 'nextInMs'>): void => {
  void reply.header('retry-after', String(Math.max(1, seconds(nextInMs))));
};

declare module 'fastify' {
  interface FastifyInstance {
    /** Takes note of a token that was refused; from whom there were too many, the refusal says when to come again. */
    tokenRefused: (request: FastifyRequest, reply: FastifyReply) => void;
  }
}

/**
 * Tells who shows many tokens that are refused when to come again. Each refusal keeps its reason: on one machine, or behind
 * a site's gateway, many people have one address, and nobody guesses 256 bits. It comes before identity, which asks it.
 */
export const noteRefusedTokens = (app: App, { clock }: Needs, { refused }: Limits): void => {
  const counter = createCounter();
  app.decorate('tokenRefused', ({ ip }, reply) => {
    const standing = counter.take(clientAddress(ip), refused, clock.nowMs());
    if (!standing.isAllowed) sayRetryAfter(reply, standing);
  });
};

/** Counts every request and says in `RateLimit` how it stands, as the draft of the IETF has it. It comes after identity. */
export const limitRates = (app: App, { clock }: Needs, limits: Limits): void => {
  const counter = createCounter();
  const saidOf = (name: Counted['name']) => `"${name}";q=${limits[name].requests};w=${limits[name].windowS}`;
  const said = { known: saidOf('known'), local: saidOf('local'), unknown: saidOf('unknown') };
  app.addHook('onRequest', (request, reply, done) => {
    const { key, name, quota } = countedAs(request.principal, request.ip, limits);
    const standing = counter.take(key, quota, clock.nowMs());
    void reply.headers({
      'ratelimit-policy': said[name],
      ratelimit: `"${name}";r=${standing.remaining};t=${seconds(standing.fullInMs)}`,
    });
    if (!standing.isAllowed) {
      sayRetryAfter(reply, standing);
      throw new PapilioError('rate-exceeded', `requests: ${quota.requests} in ${quota.windowS} s are used up`);
    }
    done();
  });
  app.quotas.push((principal, ip) => {
    const { key, quota } = countedAs(principal, ip, limits);
    const { remaining } = counter.look(key, quota, clock.nowMs());
    const { requests, windowS } = quota;
    return { name: 'requests', most: requests, used: requests - remaining, windowS };
  });
};
