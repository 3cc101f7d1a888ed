import { DefaultApi } from 'openfaas-client';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { silentLog } from '#lib/log';
import { systemClock } from '#lib/system-clock';
import { createOpenFaasFunctions } from '../../functions/adapters/functions/openfaas.ts';
import { openOpenFaasAdmin } from '../../functions/adapters/functions/openfaas-admin.ts';
import { createReach } from '../../local/engine/http/reach.ts';
import { openGateway } from '../../local/host/openfaas/gateway.ts';
import { aDeps } from '../builders/a-deps.ts';
import { aFunctionHost } from '../builders/a-function-host.ts';
import { administrator } from '../builders/a-gateway.ts';
import { usually } from '../builders/a-memory-host.ts';
import { aWebServer } from '../builders/a-web-server.ts';

/** The gateway before a host whose functions are processes. */
const aRealGateway = async (): Promise<string> => {
  const given = aFunctionHost({ functions: [] });
  const gateway = await openGateway({
    ...{ host: given.host, clock: systemClock, log: silentLog, port: 0, credentials: administrator },
    ...{ reach: createReach(['127.0.0.1']), release: '0.1.0', usual: () => usually },
  });
  onTestFinished(async () => {
    await gateway.close();
    await given[Symbol.asyncDispose]();
  });
  return gateway.url;
};

/** The client as its authors made it, with its authentication repaired. */
const clientOf = (url: string, password = administrator.password): DefaultApi => {
  const client = new DefaultApi(url);
  client.setDefaultAuthentication({
    applyToRequest: (request: { auth?: object }) => {
      request.auth = { username: administrator.user, password };
    },
  });
  return client;
};

const Answer = z.object({ response: z.object({ statusCode: z.number() }), body: z.unknown() });
const answered = async (call: PromiseLike<unknown>): Promise<z.infer<typeof Answer>> =>
  Answer.parse(await Promise.resolve(call).catch((rejection) => rejection));
const statusOf = async (call: PromiseLike<unknown>): Promise<number> => (await answered(call)).response.statusCode;

const definition = {
  service: 'behaviour',
  image: 'papilio-behave:0.1.0',
  envProcess: '',
  envVars: { SECRET: 'sesame' },
};

describe('openfaas-client against the function host', () => {
  test('deploys, lists, calls, calls without waiting, scales, changes and deletes', async () => {
    const url = await aRealGateway();
    const client = clientOf(url);
    expect(await statusOf(client.healthzGet())).toBe(200);
    expect((await answered(client.systemInfoGet())).body).toMatchObject({ provider: { provider: 'papilio' } });
    expect(await statusOf(client.systemFunctionsPost(definition))).toBe(202);
    const listed = await answered(client.systemFunctionsGet());
    expect(listed.body).toMatchObject([{ name: 'behaviour', image: 'papilio-behave:0.1.0', replicas: 1 }]);

    const called = await answered(
      client.functionFunctionNamePost('behaviour', undefined, { headers: { 'x-call-id': 'call-1' } }),
    );
    expect(called.body).toMatchObject({
      event: {},
      awsRequestId: 'call-1',
      functionName: 'behaviour',
      secret: 'sesame',
    });

    const whenTold = Promise.withResolvers<void>();
    const listener = await aWebServer((_request, response) => {
      response.end();
      whenTold.resolve();
    });
    const headers = { 'x-callback-url': listener.url, 'x-call-id': 'call-2' };
    expect(await statusOf(client.asyncFunctionFunctionNamePost('behaviour', undefined, { headers }))).toBe(202);
    await whenTold.promise;
    expect(listener.seen[0]?.headers).toMatchObject({
      ...{ 'x-call-id': 'call-2', 'x-function-name': 'behaviour', 'x-function-status': '200' },
    });
    expect(JSON.parse(listener.seen[0]?.body ?? '')).toMatchObject({ awsRequestId: 'call-2' });

    const described = await answered(client.systemFunctionFunctionNameGet('behaviour'));
    expect(described.body).toMatchObject({ name: 'behaviour', invocationCount: 2 });
    expect(await statusOf(client.systemFunctionsPut({ ...definition, envVars: { SECRET: 'other' } }))).toBe(200);
    expect((await answered(client.functionFunctionNamePost('behaviour'))).body).toMatchObject({ secret: 'other' });
    expect(await statusOf(client.systemLogsGet('behaviour'))).toBe(200);
    expect(await statusOf(client.systemFunctionsDelete({ functionName: 'behaviour' }))).toBe(200);
    expect((await answered(client.systemFunctionsGet())).body).toEqual([]);
    expect(await statusOf(client.functionFunctionNamePost('behaviour'))).toBe(404);
  });

  test('is refused without the password, with a wrong one, and as its constructor would have it', async () => {
    const url = await aRealGateway();
    const unrepaired = new DefaultApi(administrator.user, administrator.password, url);
    for (const client of [new DefaultApi(url), clientOf(url, 'wrong'), unrepaired]) {
      expect(await statusOf(client.systemFunctionsGet())).toBe(401);
      expect(await statusOf(client.systemFunctionsPost(definition))).toBe(401);
      expect(await statusOf(client.functionFunctionNamePost('behaviour'))).toBe(401);
    }
  });
});

describe('papilio’s own administrator of a gateway', () => {
  const open = async (password = administrator.password) => {
    const gateway = await aRealGateway();
    const credentials = async () => ({ ...administrator, password });
    const access = { gateway: `${gateway}/`, credentials, namespace: 'openfaas-fn', patience: { clock: systemClock } };
    return {
      admin: openOpenFaasAdmin(access),
      functions: createOpenFaasFunctions({ ...access, objects: aDeps().outputs }),
    };
  };
  const deployment = { name: 'behaviour', image: 'papilio-behave', environment: { SECRET: 'sesame' }, memoryMb: 256 };

  test('deploys, calls, changes, scales to none and up again, and removes', async () => {
    const { admin, functions } = await open();
    await admin.deploy(deployment);
    expect(await admin.list()).toEqual([
      { name: 'behaviour', image: 'papilio-behave:0.1.0', replicas: 1, availableReplicas: 1, invocationCount: 0 },
    ]);
    expect(await functions.call('behaviour', { n: 1 }, { callId: 'call-1' })).toMatchObject({
      ...{ event: { n: 1 }, awsRequestId: 'call-1', secret: 'sesame' },
    });
    await expect(functions.call('behaviour', { act: 'throw' })).rejects.toMatchObject({
      code: 'bug',
      reason: 'function behaviour: TypeError: no such detector',
    });
    await expect(functions.call('behaviour', { act: 'exit', code: 3 })).rejects.toMatchObject({
      code: 'bug',
      reason: expect.stringMatching(/^function behaviour: Runtime.ExitError: .*exit status 3/),
    });
    await admin.deploy({ ...deployment, environment: { SECRET: 'other' } });
    expect(await functions.call('behaviour', {})).toMatchObject({ secret: 'other' });
    await admin.scale('behaviour', 0);
    expect(await admin.list()).toMatchObject([{ replicas: 0, availableReplicas: 0 }]);
    await admin.scale('behaviour', 1);
    expect(await functions.call('behaviour', { act: 'count' })).toMatchObject({ calls: 1 });
    await admin.remove('behaviour');
    expect(await functions.list()).toEqual([]);
    await expect(admin.remove('behaviour')).rejects.toMatchObject({ code: 'record-missing' });
    await expect(admin.scale('behaviour', 1)).rejects.toMatchObject({ code: 'record-missing' });
  });

  test('hears why an image is refused, and that its credentials are', async () => {
    const { admin } = await open();
    await expect(admin.deploy({ ...deployment, image: 'functions/figlet' })).rejects.toMatchObject({
      code: 'input-invalid',
      reason: expect.stringContaining('image functions/figlet is unknown'),
    });
    const stranger = await open('wrong');
    await expect(stranger.admin.list()).rejects.toMatchObject({ code: 'config-invalid' });
    await expect(stranger.functions.call('behaviour', {})).rejects.toMatchObject({ code: 'config-invalid' });
  });

  test('says what it could not reach', async () => {
    const listener = await aWebServer((_request, response) => response.writeHead(503).end());
    const admin = openOpenFaasAdmin({ gateway: listener.url, patience: { clock: systemClock, random: () => 0 } });
    await expect(admin.list()).rejects.toMatchObject({ code: 'plane-unavailable' });
    expect(listener.seen).toHaveLength(5);
  });
});
