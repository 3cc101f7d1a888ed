import { randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { makeId } from '#lib/model/ids';
import { tokens } from '#lib/records';
import { TokenMade, TokenPage, TokenView, TokenWish } from '#schema/token';
import { decide } from '../../access/decide.ts';
import { excessOf, expiryOf, grantOf } from '../../access/token-grant.ts';
import { registerAction } from '../actions.ts';
import { answers, jsonOf, linkNext } from '../answers.ts';
import { TokenText, tokenIdOf } from '../ids.ts';
import type { Limits } from '../limits.ts';
import { pageQuery } from '../lists.ts';
import { needToken, newToken, type Seen, viewsOf } from '../machine-tokens.ts';
import { etagOfText } from '../plugins/etag.ts';
import type { Asked } from '../plugins/policy.ts';
import { answerEnded, commandOf, Headers, submit } from '../submit.ts';
import type { App, Surroundings } from '../surroundings.ts';
import { createTokenQuota, type TokenQuota } from '../token-quota.ts';

const Params = z.object({ id: z.string().max(80) });
const params = z.object({ id: TokenText });
const targets = [{ plane: 'work', queue: 'steer-tokens' }] as const;

type Kept = { readonly seen: Seen; readonly limits: Limits };

/** Tokens of machines: made, looked at and ended by who owns them. */
export const addTokens = (app: App, surroundings: Surroundings, { seen, limits }: Kept): void => {
  const { config } = surroundings;
  const idOf = (typed: string) => tokenIdOf(typed, config.PAPILIO_INSTANCE);
  const object = async (asked: Asked) => {
    const { store } = await surroundings.records('work');
    return { owner: (await tokens.need(store, idOf(Params.parse(asked.params).id))).doc.owner };
  };
  addList(app, surroundings, seen);
  app.get(
    '/v1/tokens/:id',
    {
      config: { policy: 'token.read', object },
      schema: { tags: ['access'], summary: 'One token of a machine', params, response: answers(TokenView) },
    },
    async ({ params: { id } }, reply) => {
      const view = await needToken(idOf(id), seen, surroundings);
      void reply.header('etag', etagOfText(JSON.stringify(view)));
      return view;
    },
  );
  addMaking(app, surroundings, createTokenQuota(surroundings, limits));
  registerAction(app, surroundings, {
    path: '/v1/tokens/:id/revoke',
    action: 'token.revoke',
    id: TokenText,
    tag: 'access',
    summary: 'End a token: the next request that shows it is refused',
    subject: idOf,
    object,
    targets: async ({ subject }) => ({
      targets,
      etag: etagOfText(JSON.stringify(await needToken(subject, seen, surroundings))),
    }),
  });
};

const addList = (app: App, surroundings: Surroundings, seen: Seen): void => {
  app.get(
    '/v1/tokens',
    {
      config: { policy: 'token.list' },
      schema: {
        tags: ['access'],
        summary: 'Tokens of machines, the latest first: your own, or of an administrator everybody’s',
        description: 'A token itself is never shown again.',
        querystring: z.object({
          owner: z.string().max(120).optional().describe('Those that somebody has made'),
          ...pageQuery,
        }),
        response: answers(TokenPage),
      },
    },
    async ({ principal, query: { owner, limit, cursor } }, reply) => {
      const { store } = await surroundings.records('work');
      const own = principal.owner ?? principal.id;
      const maySeeAll = decide(principal, 'token.read').isAllowed;
      const whose = maySeeAll ? owner : own;
      if (owner !== undefined && owner !== whose)
        throw new PapilioError('role-missing', `${principal.id} is not ${owner}; only an admin sees tokens of others`);
      const page = { limit, newestFirst: true, ...(cursor === undefined ? {} : { cursor }) };
      const found = await (whose === undefined
        ? tokens.list(store, 'i1', 'tokens', page)
        : tokens.list(store, 'i2', `tokens-of#${whose}`, page));
      linkNext(reply, found.next);
      return { ...found, items: await viewsOf(found.items, seen, surroundings) };
    },
  );
};

/** What is made anew for each request: the token's id is named after its command, so that one key makes one token. */
const makingOf = (request: FastifyRequest, wish: TokenWish, surroundings: Surroundings) => {
  const { config } = surroundings;
  const { principal } = request;
  const excess = excessOf(wish, principal);
  if (excess.length > 0)
    throw new PapilioError('token-excessive', `${principal.id} asks for ${excess.join(', ')}; see \`papilio whoami\``);
  const named = (commandName: string) => makeId(config.PAPILIO_INSTANCE, 'token', commandName.slice(0, 16));
  const plain = { action: 'token.create', subject: named, why: wish.why, data: {} } as const;
  const planned = commandOf(request, surroundings, plain);
  const { text, hashSha256 } = newToken(planned.subject, randomBytes(32));
  const { name, days } = wish;
  const data = { name, owner: principal.id, ...grantOf(wish, principal), days, hashSha256 };
  return { text, hashSha256, asked: { ...planned, data } };
};

const addMaking = (app: App, surroundings: Surroundings, quota: TokenQuota): void => {
  for (const source of quota.sources) app.quotas.push(source);
  app.post(
    '/v1/tokens',
    {
      config: { policy: 'token.create' },
      schema: {
        tags: ['access'],
        summary: 'Make a token for a machine: it may no more than you, and holds for a time',
        description: 'The answer shows the token, this once. Papilio keeps only a hash of it.',
        headers: Headers.omit({ 'if-match': true }),
        body: TokenWish,
        response: {
          ...answers(TokenMade),
          202: { description: 'Made; it holds as soon as the work plane has it', content: jsonOf(TokenMade) },
        },
      },
    },
    async (request, reply) => {
      const { text, hashSha256, asked } = makingOf(request, request.body, surroundings);
      const view = await submit(surroundings, asked, async () => {
        await quota.take(request.principal, reply);
        return targets;
      });
      const first = surroundings.pending.get(asked.id)?.command ?? asked;
      const { store } = await surroundings.records('work');
      const kept = (await tokens.get(store, asked.subject))?.doc.hashSha256 ?? first.data.hashSha256;
      return answerEnded(reply, view, {
        ...{ id: asked.subject, expiresAt: expiryOf(view.at, request.body.days) },
        // By a repeated key another token was made before: that one holds, this one does not.
        ...(kept === hashSha256 && { secret: text }),
        ...{ state: view.state, command: view.id },
      });
    },
  );
};
