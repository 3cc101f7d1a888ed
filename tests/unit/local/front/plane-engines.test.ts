import { expect, test } from 'vitest';
import { createStackEngines } from '../../../../local/front/plane-engines.ts';
import { aWebServer, sayJson } from '../../../builders/a-web-server.ts';
import { aStack } from '../../stack/a-stack.ts';

const stackAt = (url: string) => {
  const stack = aStack();
  return { ...stack, endpoints: { ...stack.endpoints, sfn: url } };
};

test('the Step Functions of a stack are asked under the account of the plane', async () => {
  const server = await aWebServer(sayJson({ executions: [] }));
  const engines = createStackEngines(stackAt(server.url));
  expect(await engines.work('ListExecutions', { maxResults: 1 })).toEqual({ status: 200, body: { executions: [] } });
  await engines.archive('ListExecutions', {});
  expect(server.seen.map(({ headers }) => headers['x-amz-target'])).toEqual([
    'AWSStepFunctions.ListExecutions',
    'AWSStepFunctions.ListExecutions',
  ]);
  expect(server.seen.map(({ headers }) => headers.authorization)).toEqual([
    expect.stringContaining('Credential=000000000002/'),
    expect.stringContaining('Credential=000000000001/'),
  ]);
  expect(server.seen[0]?.body).toBe('{"maxResults":1}');
});

test('what Step Functions refuses is passed on as it is', async () => {
  const refusal = { __type: 'ExecutionDoesNotExist', message: 'no' };
  const server = await aWebServer(sayJson(refusal, 400));
  const engines = createStackEngines(stackAt(server.url));
  expect(await engines.work('DescribeExecution', {})).toEqual({ status: 400, body: refusal });
});

test('a stack that is away is a plane that is away, and its address is named', async () => {
  const engines = createStackEngines(stackAt('http://127.0.0.1:1'));
  await expect(engines.work('ListExecutions', {})).rejects.toMatchObject({
    code: 'plane-unavailable',
    reason: expect.stringContaining('http://127.0.0.1:1'),
  });
});
