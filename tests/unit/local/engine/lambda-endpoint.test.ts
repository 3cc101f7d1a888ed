import { describe, expect, test } from 'vitest';
import { invokeAt } from '../../../../local/engine/lambda-endpoint.ts';
import type { InvokeFunction } from '../../../../local/engine/part.ts';
import { aWebServer, type Reply } from '../../../builders/a-web-server.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';

const request = { functionName: 'f', payload: { a: 1 }, invocationId: 'i1', signal: new AbortController().signal };
const saying =
  (status: number, headers: Record<string, string>, body: string): Reply =>
  (_request, response) => {
    response.writeHead(status, headers).end(body);
  };
const asked = async (reply: Reply, more: Partial<Parameters<InvokeFunction>[0]> = {}) => {
  const { url, seen } = await aWebServer(reply);
  return { answer: await invokeAt(url)({ ...request, ...more }), seen };
};

describe('the Lambda Invoke API', () => {
  test('is asked as AWS has it', async () => {
    const more = {
      qualifier: 'live',
      invocationType: 'RequestResponse',
      clientContext: 'e30=',
      logType: 'Tail',
      traceparent: '00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01',
    } as const;
    const headers = { 'X-Amz-Executed-Version': '7', 'X-Amz-Log-Result': 'bG9n' };
    const { answer, seen } = await asked(saying(200, headers, '{"b":2}'), more);
    expect(answer).toEqual({ ok: true, payload: { b: 2 }, executedVersion: '7', logResult: 'bG9n' });
    expect(seen[0]).toMatchObject({
      method: 'POST',
      path: '/2015-03-31/functions/f/invocations?Qualifier=live',
      body: '{"a":1}',
      headers: {
        'x-amz-invocation-type': 'RequestResponse',
        'x-amz-client-context': 'e30=',
        'x-amz-log-type': 'Tail',
        'x-amzn-invocation-id': 'i1',
        traceparent: more.traceparent,
      },
    });
  });

  test.each([
    [202, 'Event', ''],
    [204, 'DryRun', ''],
    [200, 'RequestResponse', null],
  ] as const)('answers %i to %s', async (status, invocationType, payload) => {
    const { answer } = await asked(saying(status, {}, ''), { invocationType });
    expect(answer).toMatchObject({ ok: true, payload });
  });

  test('has what a function threw as the cause, as it came', async () => {
    const thrown = '{"errorMessage":"no hits", "errorType":"PayloadFault", "trace":["at 1"]}';
    const { answer } = await asked(saying(200, { 'X-Amz-Function-Error': 'Unhandled' }, thrown));
    expect(answer).toMatchObject({ ok: false, errorType: 'PayloadFault', cause: thrown });
  });

  test.each(['{"errorMessage":"Task timed out after 3.00 seconds"}', '"killed"', 'killed', '[]', ''])(
    'says Lambda.Unknown where a function gave no type with %j',
    async (thrown) => {
      const { answer } = await asked(saying(200, { 'X-Amz-Function-Error': 'Unhandled' }, thrown));
      expect(answer).toMatchObject({
        errorType: 'Lambda.Unknown',
        cause: `The cause could not be determined because Lambda did not return an error type. Returned payload: ${thrown}`,
      });
    },
  );

  test.each([
    [429, { 'x-amzn-ErrorType': 'TooManyRequestsException' }, 'Lambda.TooManyRequestsException'],
    [429, {}, 'Lambda.TooManyRequestsException'],
    [404, {}, 'Lambda.ResourceNotFoundException'],
    [500, {}, 'Lambda.ServiceException'],
    [503, {}, 'Lambda.ServiceException'],
    [502, { 'x-amzn-ErrorType': 'EC2UnexpectedException:http://internal' }, 'Lambda.EC2UnexpectedException'],
    [403, { 'x-amzn-ErrorType': 'AccessDeniedException' }, 'Lambda.AWSLambdaException'],
    [400, {}, 'Lambda.AWSLambdaException'],
  ])('names the error of a status %i with %j', async (status, headers, errorType) => {
    const { answer } = await asked(saying(status, headers, '{"Message":"it said so"}'));
    expect(answer).toMatchObject({
      ok: false,
      errorType,
      cause: expect.stringMatching(`^it said so \\(Service: AWSLambda; Status Code: ${status}; Error Code: `),
    });
  });

  test('that does not answer is an error of the client', async () => {
    expect(await invokeAt('http://127.0.0.1:1')(request)).toMatchObject({ errorType: 'Lambda.SdkClientException' });
  });

  test('that answers too late is a timeout of the client, after the longest run of a function', async () => {
    const { url, seen } = await aWebServer(() => undefined);
    const clock = fakeClock();
    const answer = invokeAt(url, clock)(request);
    await expect.poll(() => seen.length).toBe(1);
    await clock.advance(900_000);
    expect(clock.timers()).toBe(1);
    await clock.advance(10_000);
    expect(await answer).toMatchObject({ errorType: 'Lambda.ClientExecutionTimeoutException' });
  });

  test('that answers more than Lambda does is an error of the function', async () => {
    const { answer } = await asked(saying(200, {}, `"${'x'.repeat(6_291_556)}"`));
    expect(answer).toMatchObject({ errorType: 'Function.ResponseSizeTooLarge' });
  });

  test('is asked again where a kept connection had just been closed', async () => {
    let isFirst = true;
    const { url, seen } = await aWebServer((_request, response) => {
      response.end('{}', () => {
        if (isFirst) response.socket?.destroy();
        isFirst = false;
      });
    });
    const invoke = invokeAt(url);
    for (let time = 0; time < 3; time++) expect(await invoke(request)).toMatchObject({ ok: true });
    expect(seen).toHaveLength(3);
  });
});
