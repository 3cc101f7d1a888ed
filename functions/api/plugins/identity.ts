import type { FastifyRequest } from 'fastify';
import { asPapilioError, PapilioError } from '#lib/errors';
import type { Principal } from '#schema/access';
import { holderOf, type Seen } from '../machine-tokens.ts';
import type { App, Surroundings } from '../surroundings.ts';
import { isOpenRoute } from './policy.ts';

/**
 * One way to show who one is. It gives the principal of a request with its kind of credentials, nothing for one without.
 * @throws token-refused for credentials of its kind that do not hold
 */
export type Authenticator = (request: FastifyRequest, token: string | undefined) => Promise<Principal | undefined>;

type Plain = Pick<Principal, 'id' | 'kind' | 'roles'>;
const withoutMore = (plain: Plain): Principal => ({ ...plain, facilities: [], groups: [], scopes: [] });

/** Longer than any token of an issuer that is in its senses. */
const tokenMaxBytes = 16_384;

/** The token of a request; undefined without one. @throws token-refused for what is no single bearer token */
export const bearerOf = ({ headers, raw }: FastifyRequest): string | undefined => {
  const { authorization } = headers;
  if (authorization === undefined) return undefined;
  // Node keeps the first of many; another reader on the way may have kept the last.
  const given = raw.rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'authorization').length;
  if (given > 1) throw new PapilioError('token-refused', `${given} Authorization headers; one is taken`);
  if (authorization.length > tokenMaxBytes)
    throw new PapilioError(
      'token-refused',
      `a token of ${authorization.length} bytes; at most ${tokenMaxBytes} are taken`,
    );
  const [, token] = /^Bearer +([\w.~+/=-]+)$/i.exec(authorization) ?? [];
  if (token === undefined) throw new PapilioError('token-refused', 'the header is not Authorization: Bearer <token>');
  return token;
};

/** Tokens that papilio has made; each is seen. */
export const byMachineToken =
  (surroundings: Surroundings, seen: Seen): Authenticator =>
  async (_request, token) => {
    const holder = token === undefined ? undefined : await holderOf(token, surroundings);
    if (holder) seen.note(holder.id);
    return holder;
  };

/** The administrator's token, and issuers' tokens: three parts with dots between them. */
const byToken =
  ({ isAdmin, identity }: Surroundings): Authenticator =>
  async (_request, token) => {
    if (token === undefined) return undefined;
    if (identity && token.split('.').length > 2) return identity.verify(token);
    if (await isAdmin(token)) return withoutMore({ id: 'admin', kind: 'local-admin', roles: ['admin'] });
    throw new PapilioError(
      'token-refused',
      'the token is neither the one in admin.token nor one that papilio has made',
    );
  };

/** Whether only people of this machine can be who shows no credentials: behind a TLS front anybody may be. */
const canOnlyBeLocal = ({ isLoopbackOnly, identity, tlsFront }: Surroundings): boolean =>
  isLoopbackOnly && identity === undefined && tlsFront === undefined;

/**
 * Says of each request who asks: the first of the authenticators that knows its credentials. Without any, it is a viewer
 * on a front that only this machine reaches, and nobody once identity is configured. Open routes look at no credentials.
 */
export const addIdentity = (app: App, surroundings: Surroundings, others: readonly Authenticator[] = []): void => {
  const authenticators = [...others, byToken(surroundings)];
  const roles: Principal['roles'] = canOnlyBeLocal(surroundings) ? ['viewer'] : [];
  const withoutAny = withoutMore({ id: 'anonymous', kind: 'anonymous', roles });
  app.decorateRequest('principal');
  app.addHook('onRequest', async (request, reply) => {
    request.principal = withoutAny;
    if (isOpenRoute(request)) return;
    try {
      request.principal = (await whoAsks(request, authenticators)) ?? withoutAny;
    } catch (error) {
      if (asPapilioError(error).kind === 'Denied') app.tokenRefused(request, reply);
      throw error;
    }
  });
};

const whoAsks = async (request: FastifyRequest, authenticators: readonly Authenticator[]) => {
  const token = bearerOf(request);
  for (const authenticator of authenticators) {
    const principal = await authenticator(request, token);
    if (principal) return principal;
  }
  return undefined;
};

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks. */
    principal: Principal;
  }
}
