import { expect, test } from 'vitest';
import { Connection, connectionsOf } from '../../../../../local/engine/http/connections.ts';
import { httpInvoke } from '../../../../../local/engine/http/http-invoke.ts';
import { createReach } from '../../../../../local/engine/http/reach.ts';
import { aStatesPart, machineOf } from '../../../../builders/a-states-part.ts';
import { aWebServer, sayJson } from '../../../../builders/a-web-server.ts';
import { fakeClock } from '../../../../builders/fake-clock.ts';

const secret = 'key-that-is-secret';
const connectionsFor = (url: string) =>
  connectionsOf({
    api: Connection.parse({
      Hosts: [new URL(url).host],
      AuthorizationType: 'API_KEY',
      AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'X-Key', ApiKeyValue: secret } },
    }),
  });
const ConnectionArn = 'arn:aws:events:us-east-1:111111111111:connection/api/0000';
const Resource = 'arn:aws:states:::http:invoke';

const theStates = (url = 'https://a.example') => {
  const clock = fakeClock();
  const connections = connectionsFor(url);
  return aStatesPart({ clock, callService: httpInvoke({ reach: createReach(['127.0.0.1']), connections, clock }) });
};

const calling = (url: string, more: object = {}) => ({
  Type: 'Task',
  Resource,
  Parameters: {
    'ApiEndpoint.$': `States.Format('${url}/runs/{}', $.run)`,
    Method: 'GET',
    InvocationConfig: { ConnectionArn },
  },
  End: true,
  ...more,
});

test('a state machine calls an API; its history tells all but the key', async () => {
  const { url, seen } = await aWebServer((request, response) =>
    sayJson({ key: request.headers['x-key'] })(request, response),
  );
  const states = theStates(url);
  const arn = await states.run(machineOf({ Call: calling(url) }), { run: 7 });
  await expect.poll(async () => (await states.describe(arn)).status).toBe('SUCCEEDED');
  expect(seen[0]).toMatchObject({ path: '/runs/7', headers: { 'x-key': secret } });
  expect(await states.output(arn)).toMatchObject({ StatusCode: 200, ResponseBody: { key: '********' } });
  const history = await states.history(arn);
  expect(history.map(({ type }) => type).slice(2, 5)).toEqual(['TaskScheduled', 'TaskStarted', 'TaskSucceeded']);
  expect(history[2]).toMatchObject({ taskScheduledEventDetails: { resourceType: 'http', resource: 'invoke' } });
  expect(JSON.stringify([history, [...states.journal.records()]])).not.toContain(secret);
});

test('a status is retried and caught by its name', async () => {
  const statuses = [503, 404];
  const { url } = await aWebServer((request, response) => sayJson('no', statuses.shift())(request, response));
  const states = theStates(url);
  const Retry = [{ ErrorEquals: ['States.Http.StatusCode.503'], IntervalSeconds: 1 }];
  const Catch = [{ ErrorEquals: ['States.Http.StatusCode.404'], Next: 'Gone' }];
  const arn = await states.run(machineOf({ Call: calling(url, { Retry, Catch }), Gone: { Type: 'Pass', End: true } }), {
    run: 7,
  });
  await expect.poll(() => statuses.length).toBe(1);
  await expect.poll(() => states.clock.timers()).toBe(1);
  await states.clock.advance(1_000);
  await expect.poll(async () => (await states.describe(arn)).status).toBe('SUCCEEDED');
  expect(await states.output(arn)).toEqual({ Error: 'States.Http.StatusCode.404', Cause: '"no"' });
});

test('what makes no sense is no fault that can be caught', async () => {
  const states = theStates();
  const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }];
  const task = { ...calling('https://a.example', { Catch }), Parameters: { ApiEndpoint: 'ftp://a', Method: 'GET' } };
  const arn = await states.run(machineOf({ Call: task, Caught: { Type: 'Succeed' } }), { run: 7 });
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
});

test('a definition without an endpoint or a method, or with a token, is refused', async () => {
  const states = theStates();
  const machine = (more: object) => machineOf({ Call: { ...calling('https://a.example'), ...more } });
  await expect(states.create(machine({ Parameters: { Method: 'GET' } }))).rejects.toThrow("'ApiEndpoint' is required");
  await expect(states.create(machine({ Parameters: { ApiEndpoint: 'https://a' } }))).rejects.toThrow(
    "'Method' is required",
  );
  await expect(states.create(machine({ Resource: `${Resource}.waitForTaskToken` }))).rejects.toThrow('not recognized');
});

test('a call in flight is made again after a restart', async () => {
  const { url, seen } = await aWebServer((request, response) => {
    if (seen.length > 1) sayJson({ ok: true })(request, response);
  });
  const states = theStates(url);
  const arn = await states.run(machineOf({ Call: calling(url) }), { run: 7 });
  await expect.poll(() => seen.length).toBe(1);
  states.part.close();
  const { clock, journal } = states;
  const callService = httpInvoke({ reach: createReach(['127.0.0.1']), connections: connectionsFor(url), clock });
  const again = aStatesPart({ clock, journal, callService });
  await expect.poll(async () => (await again.describe(arn)).status).toBe('SUCCEEDED');
  expect(seen).toHaveLength(2);
});
