import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import {
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda';
import { describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { systemClock } from '#lib/system-clock';
import { openLambdaDoor } from '../../local/host/lambda/door.ts';
import type { HostLimits } from '../../local/host/limits.ts';
import { eventLimitBytes, type FunctionSpec, requestLimitBytes } from '../../local/host/runner.ts';
import { aFunctionHost, aFunctionSpec, whereabouts } from '../builders/a-function-host.ts';

type Given = {
  readonly functions?: readonly FunctionSpec[];
  readonly limits?: Partial<HostLimits>;
  readonly eventCapacity?: number;
};

/** A host behind the Invoke API, and AWS's client for it. */
const aDoor = async ({ eventCapacity, ...given }: Given = {}) => {
  const house = aFunctionHost(given);
  const door = await openLambdaDoor({
    runner: house.host,
    whereabouts,
    clock: systemClock,
    port: 0,
    ...(eventCapacity !== undefined && { eventCapacity }),
  });
  const client = new LambdaClient({
    endpoint: door.url,
    region: 'us-east-1',
    credentials: { accessKeyId: '000000000002', secretAccessKey: 'papilio' },
    maxAttempts: 1,
  });
  return {
    ...house,
    door,
    client,
    invoke: async (input: Partial<InvokeCommandInput> & { readonly event?: object }) => {
      const { event, ...rest } = input;
      const Payload = event === undefined ? undefined : JSON.stringify(event);
      const answer = await client.send(
        new InvokeCommand({ FunctionName: 'behave', ...(Payload !== undefined && { Payload }), ...rest }),
      );
      return { ...answer, text: answer.Payload?.transformToString() ?? '' };
    },
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await Promise.all([house[Symbol.asyncDispose](), door.close()]);
    },
  };
};

const refusal = async (call: Promise<unknown>) => {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const { name, message, $metadata } = z
    .object({ name: z.string(), message: z.string(), $metadata: z.object({ httpStatusCode: z.int() }) })
    .parse(error);
  return { name, message, status: $metadata.httpStatusCode };
};

describe("Lambda's Invoke API, driven by AWS's own client", () => {
  test('an invocation is answered with its result, version and log', async () => {
    await using given = await aDoor();
    const answer = await given.invoke({ event: { run: 1 }, LogType: 'Tail', Qualifier: '$LATEST' });
    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(answer.FunctionError).toBeUndefined();
    expect(JSON.parse(answer.text)).toMatchObject({
      event: { run: 1 },
      awsRequestId: answer.$metadata.requestId,
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000002:function:behave:$LATEST',
    });
    const log = Buffer.from(answer.LogResult ?? '', 'base64').toString();
    expect(log).toMatch(new RegExp(`^START RequestId: ${answer.$metadata.requestId} Version: \\$LATEST\n`));
    expect((await given.invoke({})).LogResult).toBeUndefined();
  });

  test('without a payload a function gets an empty event', async () => {
    await using given = await aDoor();
    expect(JSON.parse((await given.invoke({})).text)).toMatchObject({ event: {} });
  });

  test('what a function throws is an answer that says so', async () => {
    await using given = await aDoor();
    const answer = await given.invoke({ event: { act: 'throw' } });
    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(JSON.parse(answer.text)).toMatchObject({ errorType: 'TypeError', errorMessage: 'no such detector' });
  });

  test.each([
    'behave',
    'behave:$LATEST',
    '000000000002:function:behave',
    'arn:aws:lambda:us-east-1:000000000002:function:behave',
  ])('a function is found as %s', async (FunctionName) => {
    await using given = await aDoor();
    expect((await given.invoke({ FunctionName, InvocationType: 'DryRun' })).StatusCode).toBe(204);
  });

  test.each([
    [{ FunctionName: 'nobody' }, 'arn:aws:lambda:us-east-1:000000000002:function:nobody'],
    [{ Qualifier: '7' }, 'arn:aws:lambda:us-east-1:000000000002:function:behave:7'],
    [{ FunctionName: '000000000001:function:behave' }, 'arn:aws:lambda:us-east-1:000000000001:function:behave'],
  ])('%o is nowhere', async (input, arn) => {
    await using given = await aDoor();
    for (const InvocationType of ['RequestResponse', 'Event', 'DryRun'] as const)
      expect(await refusal(given.invoke({ ...input, InvocationType }))).toEqual({
        name: 'ResourceNotFoundException',
        message: `Function not found: ${arn}`,
        status: 404,
      });
  });

  test('a name, a type, a context or a payload that cannot be is refused with its reason', async () => {
    await using given = await aDoor();
    const refused = (input: Parameters<typeof given.invoke>[0]) => refusal(given.invoke(input));
    expect(await refused({ FunctionName: 'no name' })).toMatchObject({ name: 'ValidationException', status: 400 });
    expect(await refused({ FunctionName: '../behave' })).toMatchObject({ name: 'ValidationException', status: 400 });
    expect(await refused({ FunctionName: 'behave:7', Qualifier: '8' })).toMatchObject({
      name: 'InvalidParameterValueException',
    });
    expect(await refused({ ClientContext: 'bm90IEpTT04=' })).toMatchObject({ name: 'InvalidRequestContentException' });
    expect(await refused({ Payload: '{"a":' })).toEqual({
      name: 'InvalidRequestContentException',
      message: expect.stringMatching(/^Could not parse request body into json: /),
      status: 400,
    });
    const response = await fetch(`${given.door.url}/2015-03-31/functions/behave/invocations`, {
      method: 'POST',
      headers: { 'x-amz-invocation-type': 'Sometimes' },
    });
    expect([response.status, response.headers.get('x-amzn-errortype')]).toEqual([400, 'ValidationException']);
  });

  test('a payload of 6 MiB is taken, an event of 1 MiB too, and not a byte more', async () => {
    await using given = await aDoor();
    const textOf = (sizeBytes: number) => JSON.stringify('x'.repeat(sizeBytes - 2));
    const echo = await refusal(given.invoke({ Payload: textOf(requestLimitBytes + 1) }));
    expect(echo).toEqual({
      name: 'RequestTooLargeException',
      message: '6291457 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)',
      status: 413,
    });
    const padded = JSON.stringify({ act: 'count', pad: '' });
    const whole = JSON.stringify({ act: 'count', pad: 'x'.repeat(requestLimitBytes - padded.length) });
    expect((await given.invoke({ Payload: whole })).text).toMatch(/"calls":1/);
    expect((await given.invoke({ Payload: textOf(eventLimitBytes), InvocationType: 'DryRun' })).StatusCode).toBe(204);
    expect(
      await refusal(given.invoke({ Payload: textOf(eventLimitBytes + 1), InvocationType: 'Event' })),
    ).toMatchObject({
      message: '1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)',
    });
  });

  test('too many at once are told to come again', async () => {
    const functions = [aFunctionSpec({ concurrency: 1 }), aFunctionSpec({ name: 'other' })];
    await using given = await aDoor({ functions, limits: { waitS: 0, instances: 1 } });
    const gate = `${given.folder}/open`;
    const held = given.invoke({ event: { act: 'hold', path: gate } });
    await vi.waitFor(() => expect(given.host.describe('behave')?.busy).toBe(1));
    const url = (name: string) => `${given.door.url}/2015-03-31/functions/${name}/invocations`;
    for (const [name, Reason] of [
      ['behave', 'ReservedFunctionConcurrentInvocationLimitExceeded'],
      ['other', 'ConcurrentInvocationLimitExceeded'],
    ] as const) {
      const response = await fetch(url(name), { method: 'POST', body: '{}' });
      expect(response.status).toBe(429);
      expect(response.headers.get('retry-after')).toBe('1');
      expect(await response.json()).toMatchObject({ Reason, Type: 'User', message: 'Rate Exceeded.' });
    }
    expect(await refusal(given.invoke({}))).toMatchObject({ name: 'TooManyRequestsException', status: 429 });
    await given.host.close(0);
    expect(await held).toMatchObject({ FunctionError: 'Unhandled' });
  });

  test('events are taken up to the number that there is room for, and run', async () => {
    await using given = await aDoor({ eventCapacity: 2, functions: [aFunctionSpec({ concurrency: 1 })] });
    const event = { act: 'hold', path: `${given.folder}/open` };
    const send = () => given.invoke({ event, InvocationType: 'Event' });
    expect(await send()).toMatchObject({ StatusCode: 202, text: '' });
    expect(await send()).toMatchObject({ StatusCode: 202 });
    expect(await refusal(send())).toMatchObject({ name: 'TooManyRequestsException' });
    expect(given.door.events.counts()).toEqual({ inHand: 2, done: 0, dropped: 0 });
    writeFileSync(event.path, '');
    await vi.waitFor(() => expect(given.door.events.counts()).toEqual({ inHand: 0, done: 2, dropped: 0 }), 10_000);
  });

  test('functions are listed by page and described without their secrets', async () => {
    const functions = ['c', 'a', 'b'].map((name) =>
      aFunctionSpec({ name, environment: { SECRET: 'pion' }, labels: { area: 'daq' } }),
    );
    await using given = await aDoor({ functions });
    const first = await given.client.send(new ListFunctionsCommand({ MaxItems: 2 }));
    expect(first.Functions?.map(({ FunctionName }) => FunctionName)).toEqual(['a', 'b']);
    const second = await given.client.send(new ListFunctionsCommand({ MaxItems: 2, Marker: first.NextMarker }));
    expect(second.Functions?.map(({ FunctionName }) => FunctionName)).toEqual(['c']);
    expect(second.NextMarker).toBeUndefined();
    const found = await given.client.send(new GetFunctionCommand({ FunctionName: 'a' }));
    expect(found).toMatchObject({
      Configuration: { FunctionName: 'a', MemorySize: 256, Timeout: 30, State: 'Active', Runtime: 'nodejs24.x' },
      Concurrency: { ReservedConcurrentExecutions: 4 },
      Tags: { area: 'daq' },
    });
    expect(JSON.stringify([first, found])).not.toContain('pion');
    expect(await given.client.send(new GetFunctionConfigurationCommand({ FunctionName: 'b' }))).toMatchObject({
      FunctionName: 'b',
    });
    expect(await refusal(given.client.send(new GetFunctionCommand({ FunctionName: 'd' })))).toMatchObject({
      status: 404,
    });
  });

  test('what is no address is answered, and the next call too', async () => {
    await using given = await aDoor();
    const { hostname, port } = new URL(given.door.url);
    const socket = connect(Number(port), hostname);
    socket.end('GET // HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n');
    expect(await textOf(socket)).toMatch(/^HTTP\/1\.1 404 .*UnknownOperationException/s);
    expect((await given.invoke({ InvocationType: 'DryRun' })).StatusCode).toBe(204);
  });

  test('a door that closes answers who waits, and leaves no connection open, said it something or not', async () => {
    await using given = await aDoor();
    const { hostname, port } = new URL(given.door.url);
    const silent = connect(Number(port), hostname);
    const silentEnd = once(silent, 'close');
    await once(silent, 'connect');
    const gate = `${given.folder}/open`;
    const held = given.invoke({ event: { act: 'hold', path: gate } });
    await vi.waitFor(() => expect(given.host.describe('behave')?.busy).toBe(1));
    const closed = given.door.close();
    writeFileSync(gate, '');
    expect((await held).StatusCode).toBe(200);
    await Promise.all([closed, silentEnd]);
  });

  test('a page of a browser runs nothing, under whatever name it knows this machine', async () => {
    await using given = await aDoor();
    const url = `${given.door.url}/2015-03-31/functions/behave/invocations`;
    const response = await fetch(url, { method: 'POST', body: '{}', headers: { origin: 'https://example.org' } });
    expect(response.status).toBe(403);
    expect(given.host.describe('behave')?.counts.invocations).toBe(0);
  });
});
