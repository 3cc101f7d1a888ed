import type { FastifyReply } from 'fastify';
import * as z from 'zod';
import { CommandView } from '#schema/command';
import { ProblemDetails } from '#schema/problem';
import { wholeNumber } from './lists.ts';

const problem = {
  description: 'A problem, as RFC 9457 has it',
  content: { 'application/problem+json': { schema: ProblemDetails } },
};

/** A body of JSON, where an answer has more than its schema. */
export const jsonOf = <S extends z.ZodType>(schema: S) => ({ 'application/json': { schema } });

/** The answers of a route: its own, and problems. */
export const answers = <S extends z.ZodType>(schema: S) => ({ 200: schema, '4xx': problem, '5xx': problem }) as const;

/** The answers of an action: how it ended, or that it has not yet and where to ask. */
export const actionAnswers = {
  200: CommandView,
  202: { description: 'Accepted; `location` says where to ask how it ended', content: jsonOf(CommandView) },
  '4xx': problem,
  '5xx': problem,
} as const;

/** The answers of a route that gives text. */
export const textAnswers = {
  200: { description: 'Text as it is', content: { 'text/plain': { schema: z.string() } } },
  '4xx': problem,
  '5xx': problem,
} as const;

/** The ETag of a record's version, for `If-Match` of what is done to it. */
export const etagOf = (version: number): string => `"v${version}"`;

/** Names the next page in a Link header, as RFC 8288 has it. */
export const linkNext = (reply: FastifyReply, next: string | undefined, parameter = 'cursor'): void => {
  if (next === undefined) return;
  const url = new URL(reply.request.url, 'http://localhost');
  url.searchParams.set(parameter, next);
  void reply.header('link', `<${url.pathname}${url.search}>; rel="next"`);
};

/** How long an answer may be held back until there is news, in milliseconds. */
export const waitMs = wholeNumber(z.number().min(0).max(30_000))
  .default(0)
  .describe('Hold the answer back until there is news, at most so long');
