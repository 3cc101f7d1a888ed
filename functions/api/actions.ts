import type { FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { Command, CommandView } from '#schema/command';
import { written } from '#schema/text';
import type { PolicyName } from '../access/policies.ts';
import { actionAnswers } from './answers.ts';
import { namesEtag, needMatch } from './plugins/etag.ts';
import type { ObjectOf } from './plugins/policy.ts';
import { answerEnded, commandOf, Headers, submit } from './submit.ts';
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
  /** What people type for the thing. */
  readonly id?: z.ZodType<string, string>;
  /** Whose the thing is, where the policy asks for it. */
  readonly object?: ObjectOf;
  /** The id of the thing out of what people type for it. @throws input-invalid */
  readonly subject: (typed: string) => string;
  /** Who carries it out; where that depends on the thing, with the thing's ETag. @throws record-missing and the like */
  readonly targets: readonly Target[] | ((command: Command) => Promise<Targets>);
};
type Targets = { readonly targets: readonly Target[]; readonly etag?: string };

const bodyMaxBytes = 262_144;
const Params = z.object({ id: z.string().max(160) });
/** The reason that every act needs. */
export const why = written(500).describe('The reason, kept for ever');
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
        ...(path.includes(':id') ? { params: z.object({ id: action.id ?? Params.shape.id }) } : {}),
        headers: Headers,
        body: z.strictObject({ why, ...data }),
        response: actionAnswers,
      },
    },
    async (request, reply) => answerEnded(reply, await act(surroundings, action, request)),
  );
};

/** Makes the command and sends it to its owners. */
const act = (surroundings: Surroundings, action: Action, request: FastifyRequest): Promise<CommandView> => {
  const { why: reason, ...data } = Body.parse(request.body);
  const subject = action.subject(action.path.includes(':id') ? Params.parse(request.params).id : '');
  const asked = commandOf(request, surroundings, { action: action.action, subject, why: reason, data });
  return submit(surroundings, asked, () => targetsOf(action, asked, request.headers['if-match']));
};

/** Who carries it out; with `If-Match`, only on the version that was looked at. */
const targetsOf = async ({ targets }: Action, asked: Command, ifMatch = '*'): Promise<readonly Target[]> => {
  const found: Targets = typeof targets === 'function' ? await targets(asked) : { targets };
  if (namesEtag(ifMatch, '*')) return found.targets.map(({ plane, queue }) => ({ plane, queue }));
  needMatch(ifMatch, found.etag);
  return found.targets;
};
