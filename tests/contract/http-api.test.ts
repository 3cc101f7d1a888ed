import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProblemDetails } from '../../functions/lib/schema/problem.ts';
import { aCommand } from '../builders/a-command.ts';
import { aPeriod } from '../builders/a-period.ts';
import { machineOf } from '../builders/a-states-part.ts';
import { indexRun } from '../builders/a-tf-story.ts';
import { tellWork } from '../builders/a-work-story.ts';
import { adminToken, anApi, type TestApi } from '../builders/an-api.ts';
import { archiveStf, endCommand, processStf, quarantineStf, tellRun } from '../builders/an-stf-story.ts';

import { keepToken } from './http-api-access-routes.ts';
import { commandId, execution, first, quarantineId, routes, second } from './http-api-routes.ts';

let api: TestApi;
beforeAll(async () => {
  api = await anApi({
    jobLogs: { read: async () => ({ text: 'read 7 hits\n', endByte: 12, isFinal: true }) },
    onCommand: (command, plane) => endCommand(api.planes[plane], plane, command),
  });
  await tellRun(api.planes.work, first.run);
  await aPeriod(api.planes.work);
  await tellWork(api.planes.work);
  await keepToken(api);
  await archiveStf(api.planes.archive, first);
  await processStf(api.planes.work, first);
  await archiveStf(api.planes.archive, second);
  await quarantineStf(api.planes.archive, 'archive', first);
  await indexRun(api, 102365, [{ sequence: 1 }, { sequence: 3 }]);
  await endCommand(api.planes.archive, 'archive', aCommand('quarantine.discard', quarantineId, { id: commandId }));
  const machine = await api.engines.work.create(machineOf({ Do: { Type: 'Pass', End: true } }), 'process-stf');
  await api.engines.work.start(machine, { pass: 1 }, execution);
  const failing = await api.engines.work.create(machineOf({ Do: { Type: 'Fail', Error: 'SiteFault' } }), 'prepare-run');
  await api.engines.work.start(failing, {}, execution);
  await api.caughtUp();
});
afterAll(() => api[Symbol.asyncDispose]());

const headers = { host: '127.0.0.1:8714' };
const known = { ...headers, authorization: `Bearer ${adminToken}` };
const ask = (url: string, body?: object, needsToken = false) =>
  body === undefined
    ? api.app.inject({ url, headers: needsToken ? known : headers })
    : api.app.inject({
        method: 'POST',
        url,
        headers: known,
        payload: body,
      });

describe('the HTTP API', () => {
  it('has a row in this table for every path that it describes', async () => {
    await api.app.ready();
    expect(Object.keys(api.app.swagger().paths ?? {}).sort()).toEqual(Object.keys(routes).sort());
  });

  it.each(Object.entries(routes))(
    '%s answers by its schema, naming request, build and instance',
    async (_, { good, schema, body: posted, needsToken }) => {
      const answer = await ask(good, posted, needsToken);
      expect(answer.statusCode, answer.body).toBe(200);
      const body = answer.headers['content-type']?.toString().startsWith('application/json')
        ? answer.json()
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
      const problem = ProblemDetails.parse(answer.json());
      expect(problem).toMatchObject({
        code,
        status,
        type: `/v1/errors/${code}`,
        requestId: answer.headers['papilio-request-id'],
      });
      expect(answer.statusCode).toBe(status);
      expect(answer.body).not.toMatch(/node_modules|\.ts:|at async/);
    },
  );

  it('is described by the committed OpenAPI document', async () => {
    const document = (await ask('/v1/openapi.json')).json();
    expect(document.openapi).toBe('3.1.0');
    const committed = readFileSync(new URL('../../docs/reference/openapi.json', import.meta.url), 'utf8');
    // `npm run docs` writes it again: look at the difference first, it is what every client sees.
    expect(JSON.parse(committed)).toEqual(document);
  });
});
