import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainEvent } from '../../functions/api/lambda/event.ts';
import { inLambda, inStreamingLambda, type StreamRuntime } from '../../functions/api/lambda/lambda.ts';
import { tfRangeOf } from '../../functions/lib/model/tf-range.ts';
import { ProblemDetails } from '../../functions/lib/schema/problem.ts';
import { indexRun } from '../builders/a-tf-story.ts';
import { adminToken, anApi, type TestApi } from '../builders/an-api.ts';
import { anEvent } from '../builders/an-event.ts';
import { eventOf, type Question } from '../builders/http-ways.ts';

let api: TestApi;
let handle: ReturnType<typeof inLambda>;
const { tfFirst: tf } = tfRangeOf({ run: 102365, sequence: 1, tfCount: 1, tfsPerStf: 1000 });
beforeAll(async () => {
  api = await anApi();
  handle = inLambda(api.app);
  await indexRun(api, 102365, [{ sequence: 1 }]);
});
afterAll(() => api[Symbol.asyncDispose]());

const token = { authorization: `Bearer ${adminToken}` };
const told = async (question: Question, changes: object = {}) => handle({ ...eventOf(question), ...changes });

describe('an event of API Gateway', () => {
  it('of format 2.0 is answered, and told the id of its request', async () => {
    // As AWS's documentation shows it, with an own path.
    const answer = await handle({
      version: '2.0',
      routeKey: '$default',
      rawPath: '/v1/version',
      rawQueryString: 'parameter1=value1&parameter1=value2&parameter2=value',
      cookies: ['cookie1', 'cookie2'],
      headers: { host: 'localhost', header1: 'value1', header2: 'value1,value2' },
      queryStringParameters: { parameter1: 'value1,value2', parameter2: 'value' },
      requestContext: {
        accountId: '123456789012',
        apiId: 'api-id',
        authorizer: { jwt: { claims: { claim1: 'value1', claim2: 'value2' }, scopes: ['scope1', 'scope2'] } },
        domainName: 'id.execute-api.us-east-1.amazonaws.com',
        domainPrefix: 'id',
        http: { method: 'GET', path: '/v1/version', protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'agent' },
        requestId: 'JKJaXmPLvHcESHA=',
        routeKey: '$default',
        stage: '$default',
        time: '12/Mar/2020:19:03:58 +0000',
        timeEpoch: 1583348638390,
      },
      pathParameters: { parameter1: 'value1' },
      isBase64Encoded: false,
      stageVariables: { stageVariable1: 'value1', stageVariable2: 'value2' },
    });
    expect([answer.statusCode, JSON.parse(answer.body)]).toMatchObject([200, { name: 'papilio', instance: 'prod' }]);
    expect(answer.headers).toMatchObject({ 'papilio-instance': 'prod', 'x-request-id': 'JKJaXmPLvHcESHA=' });
  });

  it.each([['{}'], ['{"version":"1.0"}'], ['null'], ['[]']])('of another form is refused: %s', async (text) => {
    await expect(handle(JSON.parse(text))).rejects.toThrow();
  });

  it('counts a request by the address that AWS saw, not by what a header says', async () => {
    const { headers } = await told({ url: '/v1/version', headers: { 'x-forwarded-for': '127.0.0.1' } });
    expect(headers['ratelimit-policy']).toContain('"unknown"');
  });

  it('cannot be forged by a header of the adapter', async () => {
    const forged = { 'x-apigateway-event': encodeURIComponent(JSON.stringify({ requestContext: {} })) };
    expect((await told({ url: '/v1/version', headers: forged })).statusCode).toBe(200);
  });
});

describe('what is asked', () => {
  it('keeps its query as it was sent: commas, and what is there twice', async () => {
    const asked = '/v1/periods?configuration=beam%3D5x41%2C10x100&limit=5';
    expect((await told({ url: asked })).statusCode).toBe(200);
    const twice = await told({ url: '/v1/runs?limit=1&limit=2' });
    expect(twice.statusCode).toBe(422);
    expect(ProblemDetails.parse(JSON.parse(twice.body)).detail).toContain('limit');
  });

  it.each([
    ['/v1/runs/a b', '/v1/runs/a%20b'],
    ['/v1/runs/a%20b', '/v1/runs/a%20b'],
    ['/v1/runs/ä', '/v1/runs/%C3%A4'],
    ['/v1/runs/%2e%2e', '/v1/runs/%2e%2e'],
  ])('keeps its path %s, whether the gateway has read its escapes or not', (given, path) => {
    expect(plainEvent({ ...eventOf({ url: '/' }), rawPath: given, rawQueryString: '' }).rawPath).toBe(path);
  });

  it('may have its body as text or as base64', async () => {
    const question = { url: '/v1/workflows/validate', headers: token, body: { definition: '{"StartAt":"Ä"}' } };
    const text = JSON.stringify(question.body);
    const answers = await Promise.all([told(question), told(question, { body: text, isBase64Encoded: false })]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200]);
    expect(answers[0]?.body).toBe(answers[1]?.body);
  });

  it('is answered with bytes as base64', async () => {
    const answer = await told({ url: `/v1/tfs/${tf}/bytes` });
    expect([answer.statusCode, answer.isBase64Encoded]).toEqual([200, true]);
    expect(Buffer.from(answer.body, 'base64').length).toBe(Number(answer.headers['content-length']));
  });

  it('is answered without a body where the client has it already', async () => {
    const first = await told({ url: '/v1/runs' });
    const again = await told({ url: '/v1/runs', headers: { 'if-none-match': first.headers.etag ?? '' } });
    expect([again.statusCode, again.body]).toEqual([304, '']);
  });
});

/** What AWS's runtime does for functions that stream, with the answer in the test's hands. */
const aRuntime = () => {
  const heads: unknown[] = [];
  const runtime: StreamRuntime<(event: unknown, answer: Writable) => Promise<void>> = {
    streamifyResponse: (handler) => handler,
    HttpResponseStream: {
      from: (answer, head) => {
        heads.push(head);
        return answer;
      },
    },
  };
  return { heads, runtime };
};

describe('a function whose answers stream', () => {
  const event = eventOf({ url: '/v1/events?after=a0-w0', headers: { accept: 'text/event-stream' } });

  it('gives a whole answer piece by piece', async () => {
    const { heads, runtime } = aRuntime();
    const answer = new PassThrough();
    const done = inStreamingLambda(api.app, runtime)(eventOf({ url: '/v1/version' }), answer);
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk);
    await done;
    expect(heads).toMatchObject([{ statusCode: 200, headers: { 'papilio-instance': 'prod' } }]);
    expect(JSON.parse(Buffer.concat(chunks).toString())).toMatchObject({ name: 'papilio' });
  });

  it('carries live events as they come, and ends when the client goes', async () => {
    await using house = await anApi();
    const { heads, runtime } = aRuntime();
    let heard = '';
    const answer = new Writable({
      write: (chunk, _, next) => {
        heard += String(chunk);
        answer.emit('heard');
        next();
      },
    });
    const until = async (text: string) => {
      while (!heard.includes(text)) await Promise.all([house.clock.advance(50), once(answer, 'heard')]);
    };
    const done = inStreamingLambda(house.app, runtime)(event, answer);
    await until(': ');
    await house.planes.work.store.transact({ writes: [], events: [anEvent({ id: 'work-1', type: 'job.settled' })] });
    await until('job.settled');
    answer.destroy();
    await done;
    expect(heads).toMatchObject([
      { statusCode: 200, headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' } },
    ]);
  });
});
