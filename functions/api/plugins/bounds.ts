import { finished } from 'node:stream';
import type { FastifyRequest, RouteOptions } from 'fastify';
import * as z from 'zod';
import type { Principal } from '#schema/access';
import type { QuotaLine } from '#schema/me';
import { accountOf } from '../accounts.ts';
import type { Charge } from '../connections.ts';
import type { Limits } from '../limits.ts';
import type { App } from '../surroundings.ts';
import { createUses, type Uses } from '../uses.ts';

/** Says how a principal stands with one quota; nothing where it has none. */
export type QuotaSource = (principal: Principal, ip: string) => QuotaLine | undefined | Promise<QuotaLine | undefined>;

declare module 'fastify' {
  interface FastifyInstance {
    /** What `/v1/me` tells of quotas, each by whoever keeps it. */
    quotas: QuotaSource[];
  }
}

/** Lets each part of the front say how somebody stands with its quota. It comes first. */
export const addQuotas = (app: App): void => {
  app.decorate('quotas', []);
};

const Waiting = z.object({ waitMs: z.number().positive() });
const takesWaitMs = ({ schema }: RouteOptions): boolean =>
  schema?.querystring instanceof z.ZodObject && 'waitMs' in schema.querystring.shape;

/** Counts requests that are held back: as long as the handler waits, also when the client has left. */
const boundWaiting = (app: App, uses: Uses): void => {
  app.addHook('onRoute', (route) => {
    if (!takesWaitMs(route)) return;
    const { handler } = route;
    route.handler = async function held(request, reply) {
      if (!Waiting.safeParse(request.query).success) return handler.call(this, request, reply);
      const giveBack = uses.take(accountOf(request.principal), 'waiting', 1);
      try {
        return await handler.call(this, request, reply);
      } finally {
        giveBack();
      }
    };
  });
};

/** Bytes that a body may have: as it says, or, where it says nothing, as its route takes. */
const bytesOf = ({ headers, routeOptions }: FastifyRequest): number => {
  if (headers['transfer-encoding'] !== undefined) return routeOptions.bodyLimit;
  return Math.min(Number(headers['content-length'] ?? 0), routeOptions.bodyLimit);
};

/**
 * Bounds what one principal holds of the front: connections at work, requests that wait, bytes of bodies. It comes after
 * who asks and whether they may, and before a body is read.
 */
export const boundPrincipals = (app: App, charge: Charge, { bounds, bodyFreeBytes }: Limits): void => {
  const uses = createUses(bounds);
  boundWaiting(app, uses);
  app.addHook('onRequest', (request, reply, done) => {
    const bytes = bytesOf(request);
    if (bytes > bodyFreeBytes) {
      const giveBack = uses.take(accountOf(request.principal), 'bodyBytes', bytes);
      finished(reply.raw, giveBack);
    }
    done();
  });
  app.addHook('onRequest', ({ raw, principal }, _reply, done) => {
    charge(raw.socket, accountOf(principal).key);
    done();
  });
  for (const name of ['waiting', 'bodyBytes'] as const)
    app.quotas.push((principal) => {
      const account = accountOf(principal);
      return { name, most: bounds[account.class][name], used: uses.held(account, name) };
    });
};
