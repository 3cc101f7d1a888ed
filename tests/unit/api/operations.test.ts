import Fastify from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { nameOperations, operationIdOf } from '../../../functions/api/plugins/operations.ts';
import type { App } from '../../../functions/api/surroundings.ts';

const anApp = (): App => {
  const app = Fastify().withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  nameOperations(app);
  return app;
};
const page = z.object({ items: z.array(z.string()) });

describe('the name of an operation', () => {
  it.each([
    ['GET', '/v1/runs', true, 'listRuns'],
    ['GET', '/v1/runs/:run', false, 'getRun'],
    ['GET', '/v1/facilities/:id', false, 'getFacility'],
    ['GET', '/v1/status', false, 'getStatus'],
    ['GET', '/v1/stfs/:stf/trace', false, 'getStfTrace'],
    ['GET', '/v1/runs/:run/coverage', true, 'listRunCoverage'],
    ['GET', '/v1/state/facets/:facet', true, 'listStateFacets'],
    ['GET', '/v1/run-states', true, 'listRunStates'],
    ['POST', '/v1/tokens', false, 'createToken'],
    ['POST', '/v1/periods/:id/close', false, 'closePeriod'],
    ['POST', '/v1/jobs/:id/set-priority', false, 'setPriorityJob'],
    ['POST', '/v1/processing/suspend', false, 'suspendProcessing'],
    ['POST', '/v1/workflows/validate', false, 'validateWorkflow'],
    ['DELETE', '/v1/tokens/:id', false, 'deleteToken'],
    ['PATCH', '/v1/facilities/:id', false, 'updateFacility'],
    ['PUT', '/v1/facilities/:id/limits', false, 'replaceFacilityLimits'],
  ])('%s %s (a list: %s) is %s', (method, url, isList, name) => {
    expect(operationIdOf(method, url, isList)).toBe(name);
  });

  it('is known of the route that a request goes to, and a page of items is a list', async () => {
    const app = anApp();
    const seen: unknown[] = [];
    app.addHook('onRequest', async ({ routeOptions }) => void seen.push(routeOptions.schema?.operationId));
    app.get('/v1/jobs', { schema: { response: { 200: page } } }, async () => ({ items: [] }));
    const content = { 'application/json': { schema: page } };
    app.get('/v1/events', { schema: { response: { 200: { content } } } }, async () => ({ items: [] }));
    app.get('/v1/me/can', { schema: { operationId: 'canI' } }, async () => ({}));
    for (const url of ['/v1/jobs', '/v1/events', '/v1/me/can']) await app.inject(url);
    expect(seen).toEqual(['listJobs', 'listEvents', 'canI']);
  });

  it('is not that of HEAD, which comes with GET', () => {
    const app = anApp();
    const named: unknown[] = [];
    app.addHook('onRoute', ({ method, schema }) => void named.push([method, schema?.operationId]));
    app.get('/v1/me/can', { schema: { operationId: 'canI' } }, async () => ({}));
    expect(named).toEqual([
      ['GET', 'canI'],
      ['HEAD', undefined],
    ]);
  });

  it('stands for one route: two of one name do not start', () => {
    const app = anApp();
    app.get('/v1/me/can', { schema: { operationId: 'listJobs' } }, async () => ({}));
    expect(() => app.get('/v1/jobs', { schema: { response: { 200: page } } }, async () => ({ items: [] }))).toThrow(
      'GET /v1/jobs and GET /v1/me/can are both called listJobs',
    );
  });
});
