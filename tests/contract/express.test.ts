import { request } from 'node:http';
import {
  ConflictException,
  CreateStateMachineAliasCommand,
  CreateStateMachineCommand,
  DeleteStateMachineVersionCommand,
  DescribeExecutionCommand,
  ResourceNotFound,
  SFNClient,
  StartExecutionCommand,
  StartSyncExecutionCommand,
  TagResourceCommand,
  ValidationException,
} from '@aws-sdk/client-sfn';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Engine } from '../../local/engine/engine.ts';
import { createRequestHandler, noSigning } from '../../local/engine/request-handler.ts';
import { type EngineServer, serveEngine } from '../../local/engine/server.ts';
import { functionArn, machineOf } from '../builders/a-states-part.ts';
import { account, anEngine } from '../builders/an-engine.ts';

const roleArn = `arn:aws:iam::${account}:role/any`;
const definition = JSON.stringify(machineOf({ Ask: { Type: 'Task', Resource: functionArn('f'), End: true } }));
const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };

const serve = async (engine: Engine): Promise<EngineServer> => {
  const server = await serveEngine({ call: engine.call, listen: { port: 0 } });
  onTestFinished(() => server.close());
  return server;
};

const closed = (client: SFNClient): SFNClient => {
  onTestFinished(() => client.destroy());
  return client;
};

/** The SDK puts `sync-` before the host of this operation, which no local name server knows. */
const clientOf = (endpoint: string): SFNClient =>
  closed(new SFNClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1, disableHostPrefix: true }));

const create = async (sfn: SFNClient): Promise<string> => {
  const input = { name: 'quick', roleArn, definition, type: 'EXPRESS', publish: true } as const;
  return (await sfn.send(new CreateStateMachineCommand(input))).stateMachineArn ?? '';
};

/** A function that answers what it is asked when the test lets it. */
const held = () => {
  const allowed = Promise.withResolvers<void>();
  const calls: unknown[] = [];
  const invoke = async ({ payload }: { payload: unknown }) => {
    calls.push(payload);
    await allowed.promise;
    return { ok: true, payload } as const;
  };
  return { invoke, calls, answer: allowed.resolve };
};

test('an SDK in this process and one at a port are told how an execution ended', async () => {
  const engine = await anEngine({ invoke: async ({ payload }) => ({ ok: true, payload }) });
  const requestHandler = createRequestHandler({ routes: { [account]: engine }, defaultAccount: account });
  const inside = closed(new SFNClient({ ...noSigning, requestHandler, maxAttempts: 1 }));
  const stateMachineArn = await create(inside);
  for (const sfn of [inside, clientOf((await serve(engine)).address)]) {
    const answer = await sfn.send(new StartSyncExecutionCommand({ stateMachineArn, input: '{"a":1}' }));
    expect(answer).toMatchObject({ status: 'SUCCEEDED', output: '{"a":1}', startDate: expect.any(Date) });
    expect(answer.billingDetails?.billedDurationInMilliseconds).toBeGreaterThan(0);
  }
});

test('a host that begins with sync- is this engine', async () => {
  const engine = await anEngine({ invoke: async ({ payload }) => ({ ok: true, payload }) });
  const { address } = await serve(engine);
  const stateMachineArn = await create(clientOf(address));
  const headers = {
    host: `sync-localhost:${new URL(address).port}`,
    'x-amz-target': 'AWSStepFunctions.StartSyncExecution',
    'content-type': 'application/x-amz-json-1.0',
  };
  const body = await new Promise<string>((resolve, reject) => {
    const asked = request(address, { method: 'POST', headers }, (response) => {
      response.setEncoding('utf8').on('data', resolve);
    });
    asked.on('error', reject);
    asked.end(JSON.stringify({ stateMachineArn }));
  });
  expect(JSON.parse(body)).toMatchObject({ status: 'SUCCEEDED', output: '{}' });
});

test('a standard execution waits for the result of an express one by the action of the SDK', async () => {
  const engine = await anEngine({ invoke: async ({ payload }) => ({ ok: true, payload }) });
  const sfn = clientOf((await serve(engine)).address);
  const Parameters = { StateMachineArn: await create(sfn), Input: { a: 1 }, Name: 'inner' };
  const Resource = 'arn:aws:states:::aws-sdk:sfn:startSyncExecution';
  const outer = machineOf({ Call: { Type: 'Task', Resource, Parameters, End: true } });
  const input = { name: 'outer', roleArn, definition: JSON.stringify(outer) };
  const { stateMachineArn } = await sfn.send(new CreateStateMachineCommand(input));
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn }));
  const output = await vi.waitFor(async () => {
    const described = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    expect(described.status).toBe('SUCCEEDED');
    return described.output ?? '';
  });
  expect(JSON.parse(output)).toMatchObject({ Status: 'SUCCEEDED', Output: '{"a":1}', Name: 'inner' });
});

test('an execution goes on when its caller has gone, and nobody waits for it when the server closes', async () => {
  const { invoke, calls, answer } = held();
  const engine = await anEngine({ invoke });
  const server = await serve(engine);
  const sfn = clientOf(server.address);
  const stateMachineArn = await create(sfn);
  const cut = new AbortController();
  const lost = sfn.send(new StartSyncExecutionCommand({ stateMachineArn }), { abortSignal: cut.signal });
  await vi.waitFor(() => expect(calls).toHaveLength(1));
  cut.abort();
  await expect(lost).rejects.toMatchObject({ name: 'AbortError' });
  expect(engine.stats().executions.running).toBe(1);
  const waiting = sfn.send(new StartSyncExecutionCommand({ stateMachineArn })).catch((error: unknown) => error);
  await vi.waitFor(() => expect(calls).toHaveLength(2));
  await server.close();
  expect(await waiting).toBeInstanceOf(Error);
  answer();
  await vi.waitFor(() => expect(engine.stats().executions.running).toBe(0));
});

test('the SDK knows the exceptions of versions, aliases and tags, with what they carry', async () => {
  const sfn = clientOf((await serve(await anEngine())).address);
  const arn = await create(sfn);
  const stateMachineVersionArn = `${arn}:1`;
  const routingConfiguration = [{ stateMachineVersionArn, weight: 100 }];
  await sfn.send(new CreateStateMachineAliasCommand({ name: 'live', routingConfiguration }));
  const refused = async (sent: Promise<unknown>): Promise<unknown> => sent.catch((error: unknown) => error);
  expect(await refused(sfn.send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn })))).toBeInstanceOf(
    ConflictException,
  );
  const bad = new CreateStateMachineAliasCommand({
    name: 'x',
    routingConfiguration: [{ stateMachineVersionArn, weight: 1 }],
  });
  const invalid = await refused(sfn.send(bad));
  expect(invalid).toBeInstanceOf(ValidationException);
  expect(invalid).toMatchObject({ reason: 'INVALID_ROUTING_CONFIGURATION' });
  const missing = await refused(sfn.send(new TagResourceCommand({ resourceArn: stateMachineVersionArn, tags: [] })));
  expect(missing).toBeInstanceOf(ResourceNotFound);
  expect(missing).toMatchObject({ resourceName: stateMachineVersionArn });
});
