import { expect, test } from 'vitest';
import { Connection, connectionsOf } from '../../../../../local/engine/http/connections.ts';
import { httpInvoke } from '../../../../../local/engine/http/http-invoke.ts';
import { createReach } from '../../../../../local/engine/http/reach.ts';
import { testRole, testState } from '../../../../builders/a-state-test.ts';
import { aStatesPart, functionArn, machineOf } from '../../../../builders/a-states-part.ts';
import { aWebServer, sayJson } from '../../../../builders/a-web-server.ts';
import { fakeClock } from '../../../../builders/fake-clock.ts';

// What a state does with each of these is told by ../test-state; here each member is proved for itself.

const pass = { Type: 'Pass', End: true };
const task = { Type: 'Task', Resource: functionArn('f'), End: true };
const retrying = { ...task, Retry: [{ ErrorEquals: ['E'], MaxAttempts: 2, IntervalSeconds: 7, BackoffRate: 1 }] };
const failing = { mock: { errorOutput: { error: 'E', cause: 'c' } } };

const ask = (definition: object, request: Record<string, unknown> = {}) =>
  testState(aStatesPart(), definition, request);

const refused = { code: 'ValidationException' };

test.each([pass, { Type: 'Succeed' }, { Type: 'Pass', Next: 'Anywhere' }])(
  'api: TestState.definition accept: %j',
  async (definition) => {
    expect(await ask(definition)).toMatchObject({ status: 'SUCCEEDED' });
  },
);

test.each([
  ['nothing', undefined, 'ValidationException'],
  ['an empty text', '', 'ValidationException'],
  ['what is no JSON', '{', 'InvalidDefinition'],
  ['a type that is none', '{"Type":"Dream"}', 'InvalidDefinition'],
  ['more than a megabyte', JSON.stringify({ ...pass, Comment: 'x'.repeat(2 ** 20) }), 'ValidationException'],
])('api: TestState.definition refuse: %s', async (_what, definition, code) => {
  await expect(ask(pass, { definition })).rejects.toMatchObject({ code });
});

test('api: TestState.definition effect: this state is tried', async () => {
  expect(await ask({ Type: 'Pass', Result: 3, Next: 'There' })).toEqual({
    status: 'SUCCEEDED',
    output: 3,
    nextState: 'There',
  });
});

test('api: TestState.roleArn accept: a role', async () => {
  expect(await ask(pass, { roleArn: testRole })).toMatchObject({ status: 'SUCCEEDED' });
});

test.each([
  ['an empty text', pass, ''],
  ['more than 256 characters', pass, 'x'.repeat(257)],
  ['nothing, for a task that is really done', task, undefined],
])('api: TestState.roleArn refuse: %s', async (_what, definition, roleArn) => {
  await expect(ask(definition, { roleArn })).rejects.toMatchObject(refused);
});

test('api: TestState.roleArn effect: the context names it', async () => {
  const definition = { Type: 'Pass', Parameters: { 'role.$': '$$.Execution.RoleArn' }, End: true };
  expect(await ask(definition, { roleArn: testRole })).toMatchObject({ output: { role: testRole } });
});

test.each([{}, 1, null, [{ a: 'b' }]])('api: TestState.input accept: %j', async (input) => {
  expect(await ask(pass, { input })).toMatchObject({ output: input });
});

test.each([
  ['what is no JSON', '{', 'InvalidExecutionInput'],
  ['more than 262144 characters', JSON.stringify('x'.repeat(262_144)), 'ValidationException'],
  ['more than 262144 bytes', JSON.stringify('ü'.repeat(140_000)), 'InvalidExecutionInput'],
])('api: TestState.input refuse: %s', async (_what, input, code) => {
  const answer = aStatesPart().call('TestState', { definition: JSON.stringify(pass), input });
  await expect(answer).rejects.toMatchObject({ code });
});

test('api: TestState.input effect: the state is given it; an empty object, if nothing is said', async () => {
  expect(await ask(pass, { input: { n: 1 } })).toMatchObject({ output: { n: 1 } });
  expect(await ask(pass)).toMatchObject({ output: {} });
});

test.each(['INFO', 'DEBUG', 'TRACE'])('api: TestState.inspectionLevel accept: %s', async (inspectionLevel) => {
  expect(await ask(pass, { inspectionLevel })).toMatchObject({ status: 'SUCCEEDED' });
});

test('api: TestState.inspectionLevel refuse: another word', async () => {
  await expect(ask(pass, { inspectionLevel: 'ALL' })).rejects.toMatchObject(refused);
});

test('api: TestState.inspectionLevel effect: what was seen is told from DEBUG on', async () => {
  const request = { input: { n: 1 } };
  expect(await ask(pass, request)).not.toHaveProperty('seen');
  expect(await ask(pass, { ...request, inspectionLevel: 'DEBUG' })).toMatchObject({
    seen: { input: { n: 1 }, afterInputPath: { n: 1 } },
  });
});

test.each([true, false])('api: TestState.revealSecrets accept: %s', async (revealSecrets) => {
  expect(await ask(pass, { revealSecrets, inspectionLevel: 'TRACE' })).toMatchObject({ status: 'SUCCEEDED' });
});

test.each([
  ['a text', 'yes', {}],
  ['true with a mock', true, { result: 1 }],
])('api: TestState.revealSecrets refuse: %s', async (_what, revealSecrets, mock) => {
  await expect(ask(task, { revealSecrets, ...mock })).rejects.toMatchObject(refused);
});

test('api: TestState.revealSecrets effect: TRACE shows what the connection adds to a request', async () => {
  const { url } = await aWebServer((request, response) => sayJson(request.headers['x-key'])(request, response));
  const api = {
    Hosts: [new URL(url).host],
    AuthorizationType: 'API_KEY',
    AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'X-Key', ApiKeyValue: 'key-that-is-secret' } },
  };
  const connections = connectionsOf({ api: Connection.parse(api) });
  const callService = httpInvoke({ reach: createReach(['127.0.0.1']), connections, clock: fakeClock() });
  const ConnectionArn = 'arn:aws:events:us-east-1:111111111111:connection/api/0';
  const Parameters = { ApiEndpoint: url, Method: 'POST', RequestBody: { a: 1 }, InvocationConfig: { ConnectionArn } };
  const call = { Type: 'Task', Resource: 'arn:aws:states:::http:invoke', Parameters, End: true };
  const seenWith = async (request: object) =>
    (await testState(aStatesPart({ callService }), call, { roleArn: testRole, ...request })).seen;
  const range = 'User-Agent: Amazon|StepFunctions|HttpInvoke|us-east-1, Range: bytes=0-262144]';
  const exchange = (key: string) => ({
    request: {
      ...{ protocol: 'http', method: 'POST', url: `${url}/`, body: '{"a":1}' },
      headers: `[Content-Type: application/json; charset=UTF-8, X-Key: ${key}, ${range}`,
    },
    response: {
      ...{ protocol: 'http', statusCode: '200', statusMessage: 'OK', body: `"${key}"` },
      headers: expect.stringContaining('Content-Type: application/json'),
    },
  });
  expect(await seenWith({ inspectionLevel: 'TRACE', revealSecrets: true })).toMatchObject(
    exchange('key-that-is-secret'),
  );
  expect(await seenWith({ inspectionLevel: 'TRACE' })).toMatchObject(exchange('********'));
  expect(await seenWith({ inspectionLevel: 'DEBUG' })).not.toHaveProperty('request');
});

test.each(['{}', '{"a":1,"b":{"c":[]}}'])('api: TestState.variables accept: %s', async (variables) => {
  expect(await ask(pass, { variables })).toMatchObject({ status: 'SUCCEEDED' });
});

test.each(['[]', '1', '{', '{"not a name":1}'])('api: TestState.variables refuse: %s', async (variables) => {
  await expect(ask(pass, { variables })).rejects.toMatchObject(refused);
});

test('api: TestState.variables effect: the state finds them', async () => {
  const definition = { Type: 'Pass', Parameters: { 'got.$': '$v.deep' }, End: true };
  expect(await ask(definition, { variables: '{"v":{"deep":5}}' })).toMatchObject({ output: { got: 5 } });
});

const machine = machineOf({ First: { Type: 'Pass', Next: 'Last' }, Last: { Type: 'Pass', Result: 'last', End: true } });

test.each(['First', 'Last'])('api: TestState.stateName accept: %s', async (stateName) => {
  expect(await ask(machine, { stateName })).toMatchObject({ status: 'SUCCEEDED' });
});

test.each(['', 'Other', 'x'.repeat(81)])('api: TestState.stateName refuse: %j', async (stateName) => {
  await expect(ask(machine, { stateName })).rejects.toMatchObject(refused);
});

test('api: TestState.stateName effect: this state of the machine is tried', async () => {
  expect(await ask(machine, { stateName: 'Last' })).toEqual({ status: 'SUCCEEDED', output: 'last' });
});

test.each([{ result: '1' }, { result: '{}', fieldValidationMode: 'NONE' }, failing.mock])(
  'api: TestState.mock accept: %j',
  async (mock) => {
    expect(await ask(task, { mock })).toMatchObject({ status: expect.any(String) });
  },
);

test.each([
  {},
  { result: '{' },
  { result: '1', errorOutput: { error: 'E' } },
  { result: '1', fieldValidationMode: 'SOME' },
  { errorOutput: { error: 'x'.repeat(257) } },
])('api: TestState.mock refuse: %.60j', async (mock) => {
  await expect(ask(task, { mock })).rejects.toMatchObject(refused);
});

test('api: TestState.mock effect: it stands for the work', async () => {
  expect(await ask(task, { result: { n: 1 } })).toEqual({ status: 'SUCCEEDED', output: { n: 1 } });
  expect(await ask(task, failing)).toEqual({ status: 'FAILED', error: 'E', cause: 'c' });
});

test('the mock of an activity stands for its worker', async () => {
  const activity = { ...task, Resource: 'arn:aws:states:us-east-1:111111111111:activity:work', Parameters: { n: 2 } };
  expect(await ask(activity, { result: 'done', inspectionLevel: 'DEBUG' })).toMatchObject({
    status: 'SUCCEEDED',
    output: 'done',
    seen: { afterParameters: { n: 2 }, result: 'done' },
  });
  await expect(ask(activity, { roleArn: testRole })).rejects.toMatchObject(refused);
});

test.each(['{}', '{"Execution":{"Name":"n"}}'])('api: TestState.context accept: %s', async (context) => {
  expect(await ask(task, { context, result: 1 })).toMatchObject({ status: 'SUCCEEDED' });
});

test.each([
  ['what is no object', '1', { result: 1 }],
  ['the part of a Map', '{"Map":{}}', { result: 1 }],
  ['any, without a mock', '{}', { roleArn: testRole }],
])('api: TestState.context refuse: %s', async (_what, context, request) => {
  await expect(ask(task, { context, ...request })).rejects.toMatchObject(refused);
});

test('api: TestState.context effect: expressions see it', async () => {
  const definition = { ...task, Parameters: { 'name.$': '$$.Execution.Name' } };
  const request = { context: '{"Execution":{"Name":"given"}}', result: 1, inspectionLevel: 'DEBUG' };
  expect(await ask(definition, request)).toMatchObject({ seen: { afterParameters: { name: 'given' } } });
});

test.each([{}, { retrierRetryCount: 0 }, { retrierRetryCount: 1 }])(
  'api: TestState.stateConfiguration accept: %j',
  async (stateConfiguration) => {
    expect(await ask(retrying, { ...failing, stateConfiguration })).toMatchObject({ status: 'RETRIABLE' });
  },
);

test.each([{ retrierRetryCount: -1 }, { retrierRetryCount: '1' }, { errorCausedByState: 'Nowhere' }])(
  'api: TestState.stateConfiguration refuse: %j',
  async (stateConfiguration) => {
    await expect(ask(retrying, { ...failing, stateConfiguration })).rejects.toMatchObject(refused);
  },
);

test('api: TestState.stateConfiguration effect: so often has the state been tried before', async () => {
  const after = (retrierRetryCount: number) => ask(retrying, { ...failing, stateConfiguration: { retrierRetryCount } });
  expect(await after(1)).toMatchObject({ status: 'RETRIABLE' });
  expect(await after(2)).toMatchObject({ status: 'FAILED' });
});
