import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Functions } from '#ports/functions';
import { createLambdaFunctions } from '../../functions/adapters/functions/lambda.ts';
import { createOpenFaasFunctions } from '../../functions/adapters/functions/openfaas.ts';
import { aDeps } from '../builders/a-deps.ts';
import { aHastyClock, type HastyClock } from '../builders/a-hasty-clock.ts';
import { onLoopback } from '../builders/on-loopback.ts';

/** What a back end does with one call, in the words of the network. */
type Fault =
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  | 'cut before'
  | 'cut amid'
  | 'silent';

type Call = { readonly path: string; readonly headers: IncomingMessage['headers']; readonly body: string };

const works: Fault = { status: 200, body: '{"n":1}' };

const behave = (response: ServerResponse, fault: Fault): void => {
  if (fault === 'silent') return;
  if (fault === 'cut before') return void response.destroy();
  if (fault === 'cut amid') {
    response.writeHead(200, { 'content-length': '100' });
    return void response.write('{"n":', () => response.destroy());
  }
  response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers }).end(fault.body);
};

/** A back end that does so with the calls that come, one after the other; the last is done with all further ones. */
const aBackEnd = async (faults: readonly Fault[]) => {
  const calls: Call[] = [];
  const whenSilent = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const fault = faults[Math.min(calls.length, faults.length - 1)] ?? works;
      calls.push({ path: request.url ?? '', headers: request.headers, body: await textOf(request) });
      if (fault === 'silent') whenSilent.resolve();
      behave(response, fault);
    };
    answer().catch(() => response.destroy());
  });
  const { url, close } = await onLoopback(server);
  onTestFinished(close);
  return { url, calls, whenSilent: whenSilent.promise };
};

type Open = (url: string, clock: HastyClock) => Functions;

const onLambda: Open = (endpoint, clock) => {
  const credentials = { accessKeyId: '000000000002', secretAccessKey: 'papilio' };
  const aws = { endpoint, region: 'us-east-1', credentials };
  return createLambdaFunctions({ aws, objects: aDeps().outputs, patience: { clock, random: () => 0.5 } });
};

let asked = 0;
const behindOpenFaas: Open = (gateway, clock) => {
  const credentials = async () => {
    asked += 1;
    return { user: 'admin', password: `password-${asked}` };
  };
  const patience = { clock, random: () => 0.5 };
  return createOpenFaasFunctions({ gateway, credentials, objects: aDeps().outputs, patience });
};

/** How each back end says the same. */
const throttled = {
  Lambda: {
    status: 429,
    headers: { 'x-amzn-errortype': 'TooManyRequestsException', 'retry-after': '2' },
    body: '{"message":"Rate Exceeded."}',
  },
  OpenFaaS: { status: 429, headers: { 'retry-after': '2' }, body: 'Concurrent request limit exceeded.' },
} as const;

describe.each([
  ['Lambda', onLambda],
  ['OpenFaaS', behindOpenFaas],
] as const)('a back end with faults: %s', (kind, openFunctions) => {
  const open = async (...faults: readonly Fault[]) => {
    const clock = aHastyClock();
    const backEnd = await aBackEnd(faults);
    return { ...backEnd, clock, functions: openFunctions(backEnd.url, clock) };
  };

  test('who is throttled comes again when he was told to, and by chance later', async () => {
    const { functions, calls, clock } = await open(throttled[kind], throttled[kind], works);
    expect(await functions.call('echo', {}, { isRepeatable: false })).toEqual({ n: 1 });
    expect(calls).toHaveLength(3);
    expect(clock.pauses).toEqual([2_050, 2_100]);
  });

  test('who is throttled for ever gives up after five tries, with pauses that have a bound', async () => {
    const { functions, calls, clock } = await open({
      ...throttled[kind],
      headers: { ...throttled[kind].headers, 'retry-after': '9999' },
    });
    await expect(functions.call('echo', {})).rejects.toMatchObject({
      ...{ code: 'plane-unavailable', name: 'Transient' },
      reason: expect.stringMatching(/^function echo: .*after 5 tries$/),
    });
    expect(calls).toHaveLength(5);
    expect(clock.pauses).toEqual([5_000, 5_000, 5_000, 5_000]);
  });

  test.each([[502], [503]])('a %i passes', async (status) => {
    const { functions, calls } = await open({ status, body: 'no' }, works);
    expect(await functions.call('echo', {})).toEqual({ n: 1 });
    expect(calls).toHaveLength(2);
  });

  test.each(['cut before', 'cut amid'] as const)('a connection that is %s an answer is tried again', async (fault) => {
    const { functions, calls } = await open(fault, works);
    expect(await functions.call('echo', {})).toEqual({ n: 1 });
    expect(calls).toHaveLength(2);
  });

  test('what must not be repeated is not, once it may have begun', async () => {
    const { functions, calls } = await open('cut before', works);
    const refused = { code: 'plane-unavailable' };
    await expect(functions.call('echo', {}, { isRepeatable: false })).rejects.toMatchObject(refused);
    expect(calls).toHaveLength(1);
  });

  test('every try of a call is the same call', async () => {
    const { functions, calls } = await open('cut before', 'cut before', works);
    await functions.call('echo', { n: 1 });
    const header = kind === 'Lambda' ? 'x-amzn-invocation-id' : 'x-call-id';
    const ids = new Set(calls.map(({ headers }) => headers[header]));
    expect([calls.length, ids.size, [...ids][0]]).toEqual([3, 1, expect.stringMatching(/^[0-9a-f-]{36}$/)]);
    expect(new Set(calls.map(({ body }) => body))).toEqual(new Set(['{"n":1}']));
  });

  test('who does not answer in time is given up, once', async () => {
    const { functions, calls, clock, whenSilent } = await open('silent');
    const call = functions.call('echo', {});
    const refused = expect(call).rejects.toMatchObject({
      code: 'plane-unavailable',
      reason: `function echo: no whole answer within ${kind === 'Lambda' ? 910 : 295} s`,
    });
    await whenSilent;
    clock.isLate();
    await refused;
    expect(calls).toHaveLength(1);
  });

  test('where nobody listens, nobody is found after all tries', async () => {
    const { url, close } = await onLoopback(createServer());
    await close();
    const functions = openFunctions(url, aHastyClock());
    await expect(functions.call('echo', {})).rejects.toMatchObject({
      code: 'plane-unavailable',
      reason: expect.stringContaining('ECONNREFUSED'),
    });
  });

  test.each([
    [401, 'config-invalid'],
    [403, 'config-invalid'],
    [404, 'record-missing'],
    [413, 'message-too-large'],
    [400, 'input-invalid'],
  ] as const)('a %i is no matter of patience: %s', async (status, code) => {
    const names: Readonly<Record<number, string>> = {
      403: 'UnrecognizedClientException',
      404: 'ResourceNotFoundException',
      413: 'RequestTooLargeException',
    };
    const headers = { 'x-amzn-errortype': names[status] ?? 'OtherException' };
    const { functions, calls } = await open({ status, headers, body: '{"message":"as it is"}' });
    await expect(functions.call('echo', {})).rejects.toMatchObject({ code });
    await expect(functions.send('echo', {})).rejects.toMatchObject({ code });
    expect(calls).toHaveLength(2);
  });

  test('an answer that is no JSON is a bug', async () => {
    const { functions } = await open({ status: 200, body: '<html>' });
    await expect(functions.call('echo', {})).rejects.toMatchObject({
      code: 'bug',
      reason: expect.stringContaining('<html>'),
    });
  });
});

describe('a gateway of OpenFaaS', () => {
  const open = async (...faults: readonly Fault[]) => {
    const backEnd = await aBackEnd(faults);
    return { ...backEnd, functions: behindOpenFaas(`${backEnd.url}/below/`, aHastyClock()) };
  };

  test('may lie below a path, and is told who we are, as it is known at each try', async () => {
    const { functions, calls } = await open({ status: 503 }, works);
    await functions.call('echo', {});
    expect(calls.map(({ path }) => path)).toEqual(['/below/function/echo', '/below/function/echo']);
    const [first, second] = calls.map(({ headers }) => headers.authorization);
    expect(Buffer.from(first?.slice('Basic '.length) ?? '', 'base64').toString()).toMatch(/^admin:password-\d+$/);
    expect(second).not.toBe(first);
  });

  test('leads nobody elsewhere: a redirect is refused, and no password follows it', async () => {
    const elsewhere = await aBackEnd([works]);
    const { functions } = await open({ status: 307, headers: { location: elsewhere.url } });
    await expect(functions.call('echo', {})).rejects.toMatchObject({ code: 'input-invalid' });
    expect(elsewhere.calls).toEqual([]);
  });

  test('that waited too long for a function is not asked again', async () => {
    const { functions, calls } = await open({ status: 504, body: 'upstream timeout' }, works);
    await expect(functions.call('echo', {})).rejects.toMatchObject({ code: 'plane-unavailable' });
    expect(calls).toHaveLength(1);
  });

  test('that cannot reach a function says so in a header of its own, and is asked again', async () => {
    const { functions } = await open({ status: 500, headers: { 'x-openfaas-internal': 'proxy' } }, works);
    expect(await functions.call('echo', {})).toEqual({ n: 1 });
  });

  test('a 500 of a function is that function’s, and is not asked for again', async () => {
    const { functions, calls } = await open({ status: 500, body: 'exit status 1' }, works);
    await expect(functions.call('echo', {})).rejects.toMatchObject({
      code: 'bug',
      reason: 'function echo: 500 exit status 1',
    });
    expect(calls).toHaveLength(1);
  });

  test('an answer of more than six megabytes is not read to its end', async () => {
    const { functions } = await open({ status: 200, body: JSON.stringify('x'.repeat(7_000_000)) });
    await expect(functions.call('echo', {})).rejects.toMatchObject({ code: 'message-too-large' });
  });

  test('that answers an asynchronous call at once has not understood', async () => {
    const { functions } = await open(works);
    await expect(functions.send('echo', {})).rejects.toMatchObject({ code: 'bug' });
  });
});

test.each(['ResourceConflictException', 'SnapStartNotReadyException'])(
  'a function of Lambda that is not ready (%s) is called again',
  async (name) => {
    const { url, calls } = await aBackEnd([{ status: 409, headers: { 'x-amzn-errortype': name }, body: '{}' }, works]);
    expect(await onLambda(url, aHastyClock()).call('echo', {}, { isRepeatable: false })).toEqual({ n: 1 });
    expect(calls).toHaveLength(2);
  },
);

test('a response that Lambda does not carry is told as too large', async () => {
  const error = { errorType: 'Function.ResponseSizeTooLarge', errorMessage: 'Response payload size exceeded' };
  const { url } = await aBackEnd([
    { status: 200, headers: { 'x-amz-function-error': 'Unhandled' }, body: JSON.stringify(error) },
  ]);
  const functions = onLambda(url, aHastyClock());
  await expect(functions.call('echo', {})).rejects.toMatchObject({ code: 'message-too-large' });
});
