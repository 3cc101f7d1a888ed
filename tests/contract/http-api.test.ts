import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProblemDetails } from '../../functions/lib/schema/problem.ts';
import { adminToken, type TestApi } from '../builders/an-api.ts';
import { type Way, ways } from '../builders/http-ways.ts';
import { aFullApi } from './http-api-full.ts';
import { routes } from './http-api-routes.ts';

describe.each(Object.entries(ways))('the HTTP API %s', (_way, open) => {
  let api: TestApi;
  let way: Way;
  beforeAll(async () => {
    api = await aFullApi();
    way = await open(api.app);
  });
  afterAll(async () => {
    await way[Symbol.asyncDispose]();
    await api[Symbol.asyncDispose]();
  });
  const ask = (url: string, body?: object, needsToken = body !== undefined) =>
    way.ask({ url, ...(body && { body }), ...(needsToken && { headers: { authorization: `Bearer ${adminToken}` } }) });

  it('has a row in this table for every path that it describes', async () => {
    await api.app.ready();
    expect(Object.keys(api.app.swagger().paths ?? {}).sort()).toEqual(Object.keys(routes).sort());
  });

  it.each(Object.entries(routes))(
    '%s answers by its schema, naming request, build and instance',
    async (_, { good, schema, body: posted, needsToken }) => {
      const answer = await ask(good, posted, needsToken);
      expect(answer.status, answer.body).toBe(200);
      const body = answer.headers['content-type']?.startsWith('application/json')
        ? JSON.parse(answer.body)
        : answer.body;
      const parsed = schema.safeParse(body);
      expect(parsed.error).toBeUndefined();
      expect(parsed.data).toEqual(body);
      expect(answer.headers).toMatchObject({
        'papilio-build': 'test',
        'papilio-instance': 'prod',
        'papilio-request-id': expect.stringMatching(/./),
      });
    },
  );

  it.each(Object.entries(routes))(
    '%s refuses with problem details',
    async (_, { bad, code, status, body, needsToken }) => {
      const answer = await ask(bad, body, needsToken);
      expect(answer.headers['content-type']).toContain('application/problem+json');
      const problem = ProblemDetails.parse(JSON.parse(answer.body));
      expect(problem).toMatchObject({
        code,
        status,
        type: `/v1/errors/${code}`,
        requestId: answer.headers['papilio-request-id'],
      });
      expect(answer.status).toBe(status);
      expect(answer.body).not.toMatch(/node_modules|\.ts:|at async/);
    },
  );

  it('is described by the committed OpenAPI document', async () => {
    const document = JSON.parse((await ask('/v1/openapi.json')).body);
    expect(document.openapi).toBe('3.1.0');
    const committed = readFileSync(new URL('../../docs/reference/openapi.json', import.meta.url), 'utf8');
    // `npm run docs` writes it again: look at the difference first, it is what every client sees.
    expect(JSON.parse(committed)).toEqual(document);
  });
});
