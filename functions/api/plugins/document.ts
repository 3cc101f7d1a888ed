import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { type PolicyName, policyOf } from '../../access/policies.ts';

type Transform = typeof jsonSchemaTransform;
type Security = readonly Readonly<Record<string, readonly string[]>>[];

/** Who may come without a token: everybody to open routes; to what a viewer may, whoever sits at the machine of a front without identity. */
const securityOf = (policy: PolicyName | undefined): Security => {
  const { open, roles } = policy === undefined ? { open: undefined, roles: [] } : policyOf(policy);
  if (open === 'public') return [];
  return open === 'known' || roles.some((role) => role === 'viewer') ? [{ token: [] }, {}] : [{ token: [] }];
};

const described = ({ summary, description }: { readonly summary?: string; readonly description?: string }) =>
  description ?? (summary === undefined ? undefined : `${summary}.`);

/** A route as the document has it: with who may ask, and with a description even where the summary says all. */
export const documentRoute: Transform = (source) => {
  const { schema, ...rest } = jsonSchemaTransform(source);
  const description = described(schema);
  return {
    ...rest,
    schema: {
      ...schema,
      ...(description !== undefined && { description }),
      security: securityOf(source.route.config?.policy),
    },
  };
};

const headers = {
  ETag: { description: 'Names what the answer says; goes into If-None-Match and If-Match', schema: { type: 'string' } },
  Link: { description: 'Where the list goes on: rel="next", RFC 8288', schema: { type: 'string' } },
  Location: { description: 'Where to ask how it ended', schema: { type: 'string' } },
  RateLimit: {
    description: 'Requests that are left (r), and when all are there again (t, seconds)',
    schema: { type: 'string' },
  },
  RetryAfter: { description: 'When to come again, seconds', schema: { type: 'string', pattern: '^[0-9]+$' } },
} as const;

const headerRef = (name: keyof typeof headers) => ({ $ref: `#/components/headers/${name}` });
const ofEvery = { RateLimit: headerRef('RateLimit') };

/** Answers that many routes have, and the headers of answers. */
export const sharedParts = {
  headers,
  responses: {
    NotModified: {
      description: 'What If-None-Match names is still so',
      headers: { ...ofEvery, ETag: headerRef('ETag') },
    },
    TooManyRequests: {
      description: 'Too many requests; Retry-After says when to come again',
      headers: { ...ofEvery, 'Retry-After': headerRef('RetryAfter') },
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemDetails' } } },
    },
  },
} as const;

const Answer = z.looseObject({ description: z.string(), headers: z.looseObject({}).optional() });
const Operation = z.looseObject({
  operationId: z.string(),
  summary: z.string(),
  responses: z.record(z.string(), Answer),
});
const Paths = z.record(z.string(), z.record(z.string(), Operation));

const headersOf = (method: string, status: string, operationId: string) => ({
  ...ofEvery,
  ...(method === 'get' && { ETag: headerRef('ETag') }),
  ...(operationId.startsWith('list') && { Link: headerRef('Link') }),
  ...(status === '202' && { Location: headerRef('Location') }),
});

const withShared = (method: string, operation: z.output<typeof Operation>) => {
  const own = Object.entries(operation.responses).map(([status, answer]) => {
    if (!status.startsWith('2')) return [status, answer];
    // Where a route has said nothing of its answer, it is what the summary says.
    const description = answer.description === 'Default Response' ? operation.summary : answer.description;
    const shared = headersOf(method, status, operation.operationId);
    return [status, { ...answer, description, headers: { ...answer.headers, ...shared } }];
  });
  const responses = {
    ...Object.fromEntries(own),
    ...(method === 'get' && { 304: { $ref: '#/components/responses/NotModified' } }),
    429: { $ref: '#/components/responses/TooManyRequests' },
  };
  return { ...operation, responses };
};

/** The operations with the answers and headers that all of their kind have. */
export const documentPaths = (paths: unknown) =>
  Object.fromEntries(
    Object.entries(Paths.parse(paths)).map(([path, methods]) => [
      path,
      Object.fromEntries(Object.entries(methods).map(([method, operation]) => [method, withShared(method, operation)])),
    ]),
  );
