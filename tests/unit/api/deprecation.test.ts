import Fastify from 'fastify';
import { expect, it } from 'vitest';
import { linkNext } from '../../../functions/api/answers.ts';
import { addDeprecation } from '../../../functions/api/plugins/deprecation.ts';
import type { App } from '../../../functions/api/surroundings.ts';

const deprecated = {
  sinceAt: '2026-11-26T00:00:00Z',
  sunsetAt: '2027-11-26T00:00:00Z',
  help: 'https://example.org/why',
  successor: '/v2/runs',
};

const anApp = (): App => {
  const app: App = Fastify();
  addDeprecation(app);
  return app;
};

it('a route that will go says since when, until when, why, and what comes in its place', async () => {
  const app = anApp();
  app.get('/v1/runs', { config: { deprecated } }, async (_, reply) => {
    linkNext(reply, 'abc');
    return {};
  });
  const { headers } = await app.inject('/v1/runs?limit=1');
  expect(headers).toMatchObject({
    // RFC 9745: a structured date; RFC 8594: a date of HTTP.
    deprecation: '@1795651200',
    sunset: 'Fri, 26 Nov 2027 00:00:00 GMT',
    link: [
      '</v1/runs?limit=1&cursor=abc>; rel="next"',
      '<https://example.org/why>; rel="deprecation"; type="text/html"',
      '</v2/runs>; rel="successor-version"',
    ].join(', '),
  });
});

it('is marked in the document, and failures of it tell it too', async () => {
  const app = anApp();
  const marked: unknown[] = [];
  app.addHook('onRoute', ({ schema }) => void marked.push(schema?.deprecated));
  app.post('/v1/old', { config: { deprecated: { sinceAt: deprecated.sinceAt, help: deprecated.help } } }, async () => {
    throw new Error('no');
  });
  const { statusCode, headers } = await app.inject({ method: 'POST', url: '/v1/old' });
  expect([statusCode, headers.deprecation, headers.sunset]).toEqual([500, '@1795651200', undefined]);
  expect(marked).toEqual([true]);
});

it('any other route says nothing of the kind', async () => {
  const app = anApp();
  app.get('/v1/runs', async () => ({}));
  const { headers } = await app.inject('/v1/runs');
  expect([headers.deprecation, headers.sunset, headers.link]).toEqual([undefined, undefined, undefined]);
});
