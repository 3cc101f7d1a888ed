import { createHash, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { PapilioError, problemOf } from '#lib/errors';
import { makeId } from '#lib/model/ids';
import type { Principal } from '#schema/access';
import type { Command, CommandView } from '#schema/command';
import type { PolicyName } from '../access/policies.ts';
import { actionAnswers } from './answers.ts';
import { awaitEndings, findEndings, viewOf } from './command-view.ts';
import type { ObjectOf } from './plugins/policy.ts';
import type { App, Surroundings, Target } from './surroundings.ts';

/**
 * What a person may do to a thing. One call adds one, such as
 *
 *   registerAction(app, surroundings, {
 *     path: '/v1/processing/suspend',            // with `:id` where it is done to one of many
 *     action: 'processing.suspend',              // one of those of the function made with `defineCommands`, and its policy
 *     tag: 'status',
 *     summary: 'Suspend processing',
 *     data: { untilAt: z.iso.datetime() },       // fields of the body besides `why`
 *     subject: () => 'processing',               // out of `:id`
 *     targets: [{ plane: 'work', queue: 'steer-processing' }],
 *   });
 */
type Action = {
  readonly path: string;
  readonly action: PolicyName;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly data?: z.ZodRawShape;
  /** Whose the thing is, where the policy asks for it. */
  readonly object?: ObjectOf;
  /** The id of the thing out of what people type for it. @throws input-invalid */
  readonly subject: (typed: string) => string;
  /** Who carries it out; where that depends on the thing, with the thing's ETag. @throws record-missing and the like */
  readonly targets: readonly Target[] | ((command: Command) => Promise<Targets>);
};
type Targets = { readonly targets: readonly Target[]; readonly etag?: string };

const bodyMaxBytes = 262_144;
/** How long an answer is held back until the command has ended. */
const patienceMs = 2_000;
/** Commands that are remembered to be under way. */
const mostPending = 1_000;
const Params = z.object({ id: z.string().max(160) });
/** Headers of what changes something. */
export const Headers = z.looseObject({
  'idempotency-key': z.string().min(1).max(200).optional().describe('What has the same key is done once'),
  'if-match': z.string().max(200).optional().describe('ETag of what was looked at'),
  'papilio-user': z
    .string()
    .regex(/^[A-Za-z0-9][\w.@+-]{0,59}$/)
    .optional()
    .describe('Who asks'),
});
/** The reason that every act needs. */
export const why = z.string().trim().min(1).max(500).describe('The reason, kept for ever');
const Body = z.looseObject({ why: z.string() });

/** Adds the `POST` of an action: authorised, sent to its owners, answered when they ended it, or after 2 s with 202. */
export const registerAction = (app: App, surroundings: Surroundings, action: Action): void => {
  const { path, tag, summary, description, data } = action;
  app.post(
    path,
    {
      bodyLimit: bodyMaxBytes,
      config: { policy: action.action, ...(action.object && { object: action.object }) },
      schema: {
        tags: [tag],
        summary,
        ...(description === undefined ? {} : { description }),
        security: [{ admin: [] }],
        ...(path.includes(':id') ? { params: Params } : {}),
        headers: Headers,
        body: z.strictObject({ why, ...data }),
        response: actionAnswers,
      },
    },
    async (request, reply) => answer(await submit(surroundings, action, request), reply),
  );
};

/** Who does it, as it is kept: the administrator of a data folder may say for whom. */
export const byOf = (principal: Principal, user: string | undefined): string =>
  principal.kind === 'local-admin' ? (user ?? principal.id) : principal.id;

const submit = async (surroundings: Surroundings, action: Action, request: FastifyRequest): Promise<CommandView> => {
  const { records, pending, send } = surroundings;
  const asked = commandOf(action, request, surroundings);
  const before = await findEndings(records, asked.id);
  const known = pending.get(asked.id);
  const first = known?.command ?? before[0]?.record;
  if (first) refuseOther(first, asked);
  if (!known && first) return viewOf(first, before, true);
  const targets = known?.targets ?? (await targetsOf(action, asked, request.headers['if-match']));
  if (!known) remember(pending, asked, targets);
  // A plane knows a command by its id: what is sent again is done once.
  for (const { plane, queue, version } of targets)
    await send(plane, queue, version === undefined ? asked : { ...asked, ifVersion: version });
  const endings = await awaitEndings(surroundings, asked.id, { count: targets.length, waitMs: patienceMs });
  for (const { record } of endings) refuseOther(record, asked);
  const isEnded = endings.length >= targets.length;
  if (isEnded) pending.delete(asked.id);
  return viewOf(asked, endings, isEnded);
};

const commandOf = (action: Action, request: FastifyRequest, { config, clock }: Surroundings): Command => {
  const headers = Headers.parse(request.headers);
  const { why: reason, ...data } = Body.parse(request.body);
  const key = headers['idempotency-key'] ?? randomUUID();
  // Keys are everybody's own: nobody finds, or stands in the way of, what another has asked for.
  const owned = request.principal.kind === 'local-admin' ? key : `${request.principal.id}\n${key}`;
  return {
    id: makeId(config.PAPILIO_INSTANCE, 'command', createHash('sha256').update(owned).digest('hex').slice(0, 32)),
    action: action.action,
    subject: action.subject(action.path.includes(':id') ? Params.parse(request.params).id : ''),
    by: byOf(request.principal, headers['papilio-user']),
    why: reason,
    at: new Date(clock.nowMs()).toISOString(),
    data,
  };
};

/** A key stands for one request: what is asked, of what, with what, why, and by whom. */
const refuseOther = (before: Command, asked: Command): void => {
  const meant = ({ action, subject, by, why, data }: Command) => ({ action, subject, by, why, data });
  if (isDeepStrictEqual(meant(before), meant(asked))) return;
  throw new PapilioError('key-reused', `${before.id} is ${before.action} of ${before.subject} by ${before.by}`);
};

/** Who carries it out; with `If-Match`, only on the version that was looked at. */
const targetsOf = async ({ targets }: Action, asked: Command, ifMatch = '*'): Promise<readonly Target[]> => {
  const found: Targets = typeof targets === 'function' ? await targets(asked) : { targets };
  const wanted = ifMatch.split(',').map((one) => one.trim());
  if (wanted.includes('*')) return found.targets.map(({ plane, queue }) => ({ plane, queue }));
  if (found.etag !== undefined && wanted.includes(found.etag)) return found.targets;
  throw new PapilioError('version-outdated', `If-Match: ${ifMatch}; its ETag is ${found.etag ?? 'not given'}`);
};

const remember = (pending: Surroundings['pending'], command: Command, targets: readonly Target[]): void => {
  pending.set(command.id, { command, targets });
  const [oldest] = pending.keys();
  if (pending.size > mostPending && oldest !== undefined) pending.delete(oldest);
};

/** What a plane refused is a problem of the request; what is not ended yet has an address. */
const answer = (view: CommandView, reply: FastifyReply): FastifyReply => {
  const address = `/v1/commands/${view.id}`;
  const problem = view.endings.find((ending) => ending.problem)?.problem;
  if (view.state === 'refused' && problem) {
    const { code, reason } = problemOf(`[${problem.code}] ${problem.reason}`);
    throw new PapilioError(code, reason);
  }
  void reply.header('location', address);
  return reply.code(view.state === 'waiting' ? 202 : 200).send(view);
};
