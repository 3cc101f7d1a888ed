import * as z from 'zod';
import type { App } from '../surroundings.ts';

/** `facilities` is many, `facility` is one of them; words that only look plural stay as they are. */
export const singular = (noun: string): string =>
  /(us|ss)$/.test(noun) ? noun : noun.replace(/ies$/, 'y').replace(/s$/, '');

const pascal = (words: string): string =>
  words.replace(/(?:^|[-_.])([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** Names of the nouns on a way; one that is followed by a parameter means one of its kind. */
const nounsOf = (segments: readonly string[]): string =>
  segments
    .map((segment, at) => (segments[at + 1]?.startsWith(':') ? singular(segment) : segment))
    .filter((segment) => !segment.startsWith(':'))
    .map(pascal)
    .join('');

const verbOfMethod: Readonly<Record<string, string>> = { DELETE: 'delete', PATCH: 'update', PUT: 'replace' };

const nameOfPost = (segments: readonly string[]): string => {
  const verb = segments.at(-1) ?? '';
  const isMaking = segments.length === 1;
  const nouns = nounsOf(segments.slice(0, -1));
  return isMaking
    ? `create${pascal(singular(verb))}`
    : `${verb.replace(/-./g, (part) => pascal(part))}${singular(nouns)}`;
};

/**
 * What a generated client calls an operation: `GET /v1/runs` is `listRuns`, `GET /v1/runs/:run` `getRun`,
 * `GET /v1/stfs/:stf/trace` `getStfTrace`, `POST /v1/periods/:id/close` `closePeriod`, `POST /v1/tokens` `createToken`.
 * A route may say another in `schema.operationId`. Clients depend on it: a name that was released stays.
 */
export const operationIdOf = (method: string, url: string, isList: boolean): string => {
  const segments = url.split('/').slice(2);
  if (method === 'POST') return nameOfPost(segments);
  // A list at a parameter is many of what stands before it: `GET /v1/state/facets/:facet` is `listStateFacets`.
  if (isList) return `list${nounsOf(segments.at(-1)?.startsWith(':') ? segments.slice(0, -1) : segments)}`;
  return `${verbOfMethod[method] ?? 'get'}${nounsOf(segments)}`;
};

const Answer = z.looseObject({
  content: z.looseObject({ 'application/json': z.looseObject({ schema: z.unknown() }) }),
});

/** Whether the answer is a page of items. */
const isListAnswer = (response: unknown): boolean => {
  const schema = Answer.safeParse(response).data?.content['application/json'].schema ?? response;
  return schema instanceof z.ZodObject && 'items' in schema.shape;
};

/** Gives every route that is added from now on its name. Two routes of one name do not start. */
export const nameOperations = (app: App): void => {
  const taken = new Map<string, string>();
  app.addHook('onRoute', (route) => {
    const { schema, url } = route;
    const method = [route.method].flat().find((one) => one !== 'HEAD');
    if (schema === undefined || schema.hide) return;
    if (method === undefined) {
      // HEAD comes with GET; it is no operation of its own.
      const { operationId: _, ...unnamed } = schema;
      route.schema = unnamed;
      return;
    }
    const answers = z.record(z.string(), z.unknown()).safeParse(schema.response).data ?? {};
    const operationId = schema.operationId ?? operationIdOf(method, url, isListAnswer(answers[200]));
    const other = taken.get(operationId);
    if (other !== undefined) throw new Error(`${method} ${url} and ${other} are both called ${operationId}`);
    taken.set(operationId, `${method} ${url}`);
    route.schema = { ...schema, operationId };
  });
};
