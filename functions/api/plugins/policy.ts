import type { FastifyRequest, RouteOptions } from 'fastify';
import { PapilioError } from '#lib/errors';
import type { Belonging, Principal } from '#schema/access';
import { type Decision, decide } from '../../access/decide.ts';
import { isPolicyName, type PolicyName, policyOf } from '../../access/policies.ts';
import type { App } from '../surroundings.ts';

/** Whose the thing is that a request is about. @throws record-missing and the like */
export type ObjectOf = (request: FastifyRequest) => Promise<Belonging>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may use the route; a route without it does not start. */
    policy?: PolicyName;
    /** Whose the thing is, where the policy asks for it. */
    object?: ObjectOf;
  }
}

/** Whether a request is for what needs no credentials: an open route, or no route at all. */
export const isOpenRoute = ({ routeOptions: { config }, is404 }: FastifyRequest): boolean =>
  is404 || (config.policy !== undefined && policyOf(config.policy).open === 'public');

/** @throws bug for a route that does not say who may use it */
const needPolicy = ({ method, url, config }: RouteOptions): void => {
  const route = `route ${[method].flat().join(', ')} ${url}`;
  if (config?.policy === undefined || !isPolicyName(config.policy))
    throw new PapilioError('bug', `${route} names no policy of functions/access/policies.ts`);
  if (policyOf(config.policy).object !== undefined && config.object === undefined)
    throw new PapilioError('bug', `${route} does not say whose its things are, which ${config.policy} asks for`);
};

/** Lets a decision pass. @throws token-missing, role-missing */
export const enforce = (principal: Principal, decision: Decision): void => {
  if (decision.isAllowed) return;
  const { policy, because, roles, ownRoles } = decision;
  const wanted = `${policy} needs one of ${roles.join(', ')}`;
  const own = ownRoles.length === 0 ? '' : `, or for what is theirs ${ownRoles.join(', ')}`;
  if (principal.kind === 'anonymous')
    throw new PapilioError('token-missing', `no Authorization: Bearer …; ${wanted}${own}`);
  throw new PapilioError('role-missing', `${principal.id} ${because}; ${wanted}${own}`);
};

/**
 * Lets a request pass if its principal may. What depends on the thing is decided when the path is known to be right;
 * who could not do it to any thing is refused before the body is read.
 */
export const addPolicy = (app: App): void => {
  app.addHook('onRoute', needPolicy);
  app.addHook('onRequest', async ({ principal, routeOptions: { config } }) => {
    if (config.policy !== undefined) enforce(principal, decide(principal, config.policy, 'some'));
  });
  app.addHook('preHandler', async (request) => {
    const { policy, object } = request.routeOptions.config;
    if (policy === undefined || object === undefined) return;
    const { principal } = request;
    if (decide(principal, policy).isAllowed) return;
    enforce(principal, decide(principal, policy, await object(request)));
  });
};
