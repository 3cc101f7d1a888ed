import { expect, test } from 'vitest';
import { lambdaSdk } from '../../../../../local/engine/integrations/lambda.ts';
import type { InvocationAnswer, InvokeFunction } from '../../../../../local/engine/part.ts';
import type { JsonObject } from '../../../../../local/stepfunctions/json.ts';

const asking = async (answer: InvocationAnswer, input: JsonObject) => {
  const asked: Parameters<InvokeFunction>[0][] = [];
  const call = lambdaSdk(async (request) => {
    asked.push(request);
    return answer;
  });
  const { signal } = new AbortController();
  const told = await call({ service: 'lambda', action: 'Invoke', input, invocationId: 'i', signal, isSdk: true });
  return { asked, told };
};
const fine: InvocationAnswer = { ok: true, payload: { b: 2 }, executedVersion: '7', logResult: 'bG9n' };

test('a function is asked with all that Invoke takes, and its result is a text', async () => {
  const input = { FunctionName: 'f', Qualifier: 'live', LogType: 'Tail', ClientContext: 'e30=', Payload: '{"a":1}' };
  const { asked, told } = await asking(fine, input);
  expect(asked[0]).toMatchObject({
    ...{ functionName: 'f', qualifier: 'live', logType: 'Tail', clientContext: 'e30=', payload: { a: 1 } },
  });
  const output = { ExecutedVersion: '7', LogResult: 'bG9n', Payload: '{"b":2}', StatusCode: 200 };
  expect(told).toEqual({ ok: true, output });
});

test.each([
  ['Event', 202],
  ['DryRun', 204],
])('%s has no result', async (InvocationType, StatusCode) => {
  const { told } = await asking(fine, { FunctionName: 'f', InvocationType });
  expect(told).toEqual({ ok: true, output: { Payload: '', StatusCode } });
});

test('what a function throws is an answer', async () => {
  const cause = '{"errorType":"PayloadFault", "errorMessage":"no hits"}';
  const { told } = await asking(
    { ok: false, errorType: 'PayloadFault', errorMessage: 'no hits', cause },
    { FunctionName: 'f' },
  );
  expect(told).toMatchObject({ ok: true, output: { FunctionError: 'Unhandled', Payload: cause, StatusCode: 200 } });
});

test('what Lambda refuses is an error', async () => {
  const throttled = {
    ok: false,
    errorType: 'Lambda.TooManyRequestsException',
    errorMessage: 'Rate Exceeded.',
  } as const;
  expect((await asking(throttled, { FunctionName: 'f' })).told).toMatchObject({ error: throttled.errorType });
  expect((await asking(fine, { FunctionName: 'a b' })).told).toMatchObject({ error: 'Lambda.AWSLambdaException' });
  expect((await asking(fine, {})).told).toMatchObject({ error: 'States.Runtime' });
});
