import { createHash, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { PapilioError, problemOf } from '#lib/errors';
import { makeId } from '#lib/model/ids';
import type { Principal } from '#schema/access';
import type { Command, CommandView } from '#schema/command';
import type { PolicyName } from '../access/policies.ts';
import { awaitEndings, findEndings, viewOf } from './command-view.ts';
import { originOf } from './origin.ts';
import type { Surroundings, Target } from './surroundings.ts';

/** How long an answer is held back until the command has ended. */
const patienceMs = 2_000;
/** Commands that are remembered to be under way. */
const mostPending = 1_000;

/** Headers of what changes something. */
export const Headers = z.looseObject({
  'idempotency-key': z.string().min(1).max(200).optional().describe('What has the same key is done once'),
  'if-match': z.string().max(200).optional().describe('ETag of what was looked at'),
  'papilio-user': z
    .string()
    .regex(/^[A-Za-z0-9][\w.@+-]{0,59}$/)
    .optional()
    .describe('Who asks, where the administrator’s token is shown'),
});

/** Who does it, as it is kept: the administrator of a data folder may say for whom. */
const byOf = (principal: Principal, user: string | undefined): string =>
  principal.kind === 'local-admin' ? (user ?? principal.id) : principal.id;

/** What of the headers a command is made of; of others, a route may take none. */
const OfCommand = Headers.pick({ 'idempotency-key': true, 'papilio-user': true });

/** The key of a request, or a new one. Keys are everybody's own, so that nobody meets another's. */
const keyOf = ({ principal, headers }: FastifyRequest): string => {
  const key = OfCommand.parse(headers)['idempotency-key'] ?? randomUUID();
  return principal.kind === 'local-admin' ? key : `${principal.id}\n${key}`;
};

/** The name of a request's command: one key is one command. */
const nameOf = (request: FastifyRequest): string =>
  createHash('sha256').update(keyOf(request)).digest('hex').slice(0, 32);

/** What is wanted: what is done to which thing, why, and what else that needs. */
export type Wanted = Pick<Command, 'why' | 'data'> & {
  readonly action: PolicyName;
  /** The id of the thing; a new thing is named after its command. */
  readonly subject: string | ((commandName: string) => string);
};

/** Makes the command of a request. */
export const commandOf = (request: FastifyRequest, { config, clock }: Surroundings, wanted: Wanted): Command => {
  const name = nameOf(request);
  const { subject } = wanted;
  return {
    ...wanted,
    id: makeId(config.PAPILIO_INSTANCE, 'command', name),
    subject: typeof subject === 'string' ? subject : subject(name),
    by: byOf(request.principal, OfCommand.parse(request.headers)['papilio-user']),
    at: new Date(clock.nowMs()).toISOString(),
    from: originOf(request),
  };
};

/** Sends a command to who carries it out, once, and waits a while for how it ends. @throws key-reused */
export const submit = async (
  surroundings: Surroundings,
  asked: Command,
  targetsOf: () => Promise<readonly Target[]>,
): Promise<CommandView> => {
  const { records, pending, send } = surroundings;
  const before = await findEndings(records, asked.id);
  const known = pending.get(asked.id);
  const first = known?.command ?? before[0]?.record;
  if (first) refuseOther(first, asked);
  if (!known && first) return viewOf(first, before, true);
  const targets = known?.targets ?? (await targetsOf());
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

/** A key stands for one request: what is asked, of what, with what, why, and by whom. A secret is new each time. */
const refuseOther = (before: Command, asked: Command): void => {
  const meant = ({ action, subject, by, why, data: { hashSha256: _, ...data } }: Command) => ({
    ...{ action, subject, by, why, data },
  });
  if (isDeepStrictEqual(meant(before), meant(asked))) return;
  throw new PapilioError('key-reused', `${before.id} is ${before.action} of ${before.subject} by ${before.by}`);
};

/**
 * Lets the key of what no plane's command does stand for one request, as long as this front remembers; `check` is for the
 * first time only: what it has done itself is nobody else's change. @throws key-reused
 */
export const claimKey = ({ pending }: Surroundings, asked: Command, check: () => void): void => {
  const known = pending.get(asked.id);
  if (known) {
    refuseOther(known.command, asked);
    return;
  }
  check();
  remember(pending, asked, []);
};

const remember = (pending: Surroundings['pending'], command: Command, targets: readonly Target[]): void => {
  pending.set(command.id, { command, targets });
  const [oldest] = pending.keys();
  if (pending.size > mostPending && oldest !== undefined) pending.delete(oldest);
};

/** What a plane refused is a problem of the request. @throws what it was refused with */
export const refuseRefused = ({ state, endings }: CommandView): void => {
  const problem = endings.find((ending) => ending.problem)?.problem;
  if (state !== 'refused' || !problem) return;
  const { code, reason } = problemOf(`[${problem.code}] ${problem.reason}`);
  throw new PapilioError(code, reason);
};

/** Answers with what came of a command; what is not ended yet has an address. */
export const answerEnded = (reply: FastifyReply, view: CommandView, body: object = view): FastifyReply => {
  refuseRefused(view);
  void reply.header('location', `/v1/commands/${view.id}`);
  return reply.code(view.state === 'waiting' ? 202 : 200).send(body);
};
