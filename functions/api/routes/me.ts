import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import type { Principal } from '#schema/access';
import { Can, Me } from '#schema/me';
import { type Decision, decide } from '../../access/decide.ts';
import { isPolicyName, type PolicyName, policyNames, policyOf } from '../../access/policies.ts';
import { answers } from '../answers.ts';
import { decideOn, neededFor, type Objects } from '../plugins/policy.ts';
import type { App } from '../surroundings.ts';

const canQuery = z.object({
  action: z.string().max(60).describe('A policy, such as `processing.suspend` or `run.read`'),
  on: z.string().min(1).max(160).optional().describe('The thing: a facility’s name, or the id of a job or token'),
});

/** Who asks, and what they may do. */
export const addMe = (app: App, objects: Objects): void => {
  app.get(
    '/v1/me',
    {
      config: { policy: 'me.read' },
      schema: { tags: ['access'], summary: 'Who papilio takes you for, and what you may do', response: answers(Me) },
    },
    async ({ principal, ip }) => {
      const quotas = await Promise.all(app.quotas.map((standing) => standing(principal, ip)));
      const may = mayOf(principal);
      return { ...principal, from: fromOf(principal), may, quotas: quotas.filter((line) => line !== undefined) };
    },
  );

  app.get(
    '/v1/me/can',
    {
      config: { policy: 'me.read' },
      schema: {
        tags: ['access'],
        summary: 'Whether you may do something, why or why not, and what would change it',
        description: 'Decided as it is when you do it. What only the owner of a thing may do needs `on`.',
        querystring: canQuery,
        response: answers(Can),
      },
    },
    async ({ principal, query: { action, on } }) => {
      if (!isPolicyName(action))
        throw new PapilioError('record-missing', `action ${JSON.stringify(action)}; /v1/me names those that you may`);
      const decision = await decideFor(principal, action, on, objects);
      return { action, ...(on !== undefined && { on }), ...inWords(principal, decision) };
    },
  );
};

/** As the hooks of a route decide; without a thing, whether it may be done to every thing. */
const decideFor = (principal: Principal, action: PolicyName, on: string | undefined, objects: Objects) => {
  const object = objects.get(action);
  return decideOn(principal, action, object && (async () => (on === undefined ? {} : object(on))));
};

const inWords = ({ id, kind }: Principal, decision: Decision): Omit<Can, 'action' | 'on'> => {
  const { isAllowed, policy, because, roles, ownRoles } = decision;
  const change = kind === 'anonymous' ? 'a token of somebody with' : 'to be given';
  return {
    isAllowed,
    because: `${id} ${isAllowed ? 'may' : 'may not'} ${policyOf(policy).says}: ${because}`,
    roles: [...roles],
    ownRoles: [...ownRoles],
    ...(!isAllowed && { change: `${change} ${neededFor(decision)}` }),
  };
};

const mayOf = (principal: Principal): string[] =>
  policyNames.filter((name) => decide(principal, name, 'some').isAllowed);

const sources: Readonly<Record<Principal['kind'], string>> = {
  anonymous: 'no token was shown',
  'local-admin': 'admin.token of the data folder',
  machine: 'a token that papilio has made',
  oidc: 'a token of the issuer',
  x509: 'a client certificate',
};

const fromOf = ({ kind, issuer, tokenId }: Principal): string =>
  [sources[kind], issuer ?? tokenId ?? ''].filter((part) => part !== '').join(' ');
