import type { FastifyRequest, RouteOptions } from 'fastify';
import { PapilioError } from '#lib/errors';
import type { Belonging, Principal } from '#schema/access';
import { type Decision, decide } from '../../access/decide.ts';
import { isPolicyName, type PolicyName, policyOf } from '../../access/policies.ts';
import type { App } from '../surroundings.ts';

/** What is asked for: the parameters of the path, as they were typed. */
export type Asked = Pick<FastifyRequest, 'params'>;

/** Whose the thing is that is asked for. @throws record-missing and the like */
export type ObjectOf = (asked: Asked) => Promise<Belonging>;

/** Whose the thing is to which a policy's act is done, by what people type for the thing. */
export type Objects = ReadonlyMap<PolicyName, (typed: string) => Promise<Belonging>>;

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
const policyIn = ({ method, url, config }: RouteOptions): PolicyName => {
  const route = `route ${[method].flat().join(', ')} ${url}`;
  if (config?.policy === undefined || !isPolicyName(config.policy))
    throw new PapilioError('bug', `${route} names no policy of functions/access/policies.ts`);
  if (policyOf(config.policy).object !== undefined && config.object === undefined)
    throw new PapilioError('bug', `${route} does not say whose its things are, which ${config.policy} asks for`);
  return config.policy;
};

const parameterOf = (url: string): string => /:([A-Za-z]+)/.exec(url)?.[1] ?? 'id';

/** Lets a decision pass. @throws token-missing, role-missing */
export const enforce = (principal: Principal, decision: Decision): void => {
  if (decision.isAllowed) return;
  const { policy, because } = decision;
  const wanted = `${policy} needs ${neededFor(decision)}`;
  if (principal.kind === 'anonymous') throw new PapilioError('token-missing', `no Authorization: Bearer …; ${wanted}`);
  throw new PapilioError('role-missing', `${principal.id} ${because}; ${wanted}`);
};

/** Which roles a policy needs, in words. */
export const neededFor = ({ roles, ownRoles }: Decision): string => {
  const more = ownRoles.filter((role) => !roles.includes(role));
  return `one of ${roles.join(', ')}${more.length === 0 ? '' : `, or for what is theirs ${more.join(', ')}`}`;
};

/** Decides about a request; what depends on the thing is looked up only for whom it makes a difference. */
export const decideOn = async (
  principal: Principal,
  policy: PolicyName,
  object: (() => Promise<Belonging>) | undefined,
): Promise<Decision> => {
  const first = decide(principal, policy, 'some');
  if (!first.isAllowed || object === undefined) return first;
  const whole = decide(principal, policy);
  return whole.isAllowed ? whole : decide(principal, policy, await object());
};

/**
 * Lets a request pass if its principal may. What depends on the thing is decided when the path is known to be right;
 * who could not do it to any thing is refused before the body is read. Gives whose the things of each policy are.
 */
export const addPolicy = (app: App): Objects => {
  const objects = new Map<PolicyName, (typed: string) => Promise<Belonging>>();
  app.addHook('onRoute', (route) => {
    const policy = policyIn(route);
    const object = route.config?.object;
    if (object) objects.set(policy, (typed) => object({ params: { [parameterOf(route.url)]: typed } }));
  });
  // No promises where nothing is waited for: this stands before every request.
  app.addHook('onRequest', ({ principal, routeOptions: { config } }, _reply, done) => {
    if (config.policy !== undefined) enforce(principal, decide(principal, config.policy, 'some'));
    done();
  });
  app.addHook('preHandler', (request, _reply, done) => {
    const { policy, object } = request.routeOptions.config;
    if (policy === undefined || object === undefined) return done();
    decideOn(request.principal, policy, () => object(request))
      .then((decision) => enforce(request.principal, decision))
      .then(() => done(), done);
  });
  return objects;
};
