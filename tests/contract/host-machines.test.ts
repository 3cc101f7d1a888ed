import { expect, onTestFinished, test, vi } from 'vitest';
import * as z from 'zod';
import { systemClock } from '#lib/system-clock';
import { invokeAt } from '../../local/engine/lambda-endpoint.ts';
import { openLambdaDoor } from '../../local/host/lambda/door.ts';
import { aFunctionHost, aFunctionSpec, whereabouts } from '../builders/a-function-host.ts';
import { anEngine } from '../builders/an-engine.ts';

/** Papilio's engine and the function host, over the wire between them: what Lambda says becomes what a machine catches. */
const anEngineWithFunctions = async () => {
  const given = aFunctionHost({ functions: [aFunctionSpec({ timeoutS: 2 })] });
  const door = await openLambdaDoor({ runner: given.host, whereabouts, clock: systemClock, port: 0 });
  const engine = await anEngine({ invoke: invokeAt(door.url) });
  onTestFinished(async () => {
    await given[Symbol.asyncDispose]();
    await door.close();
  });
  return { engine, host: given.host };
};

const Started = z.object({ executionArn: z.string() });
const Described = z.object({ status: z.string(), output: z.string().optional(), error: z.string().optional() });

type Engine = Awaited<ReturnType<typeof anEngine>>;

const outcomeOf = async (engine: Engine, state: object, input: object) => {
  const definition = JSON.stringify({ StartAt: 'Call', States: { Call: { Type: 'Task', End: true, ...state } } });
  const { stateMachineArn } = z.object({ stateMachineArn: z.string() }).parse(
    await engine.call('sfn', 'CreateStateMachine', {
      name: 'call',
      definition,
      roleArn: 'arn:aws:iam::111111111111:role/r',
    }),
  );
  const { executionArn } = Started.parse(
    await engine.call('sfn', 'StartExecution', { stateMachineArn, input: JSON.stringify(input) }),
  );
  return vi.waitFor(async () => {
    const described = Described.parse(await engine.call('sfn', 'DescribeExecution', { executionArn }));
    expect(described.status).not.toBe('RUNNING');
    return described;
  }, 20_000);
};

const behave = 'arn:aws:lambda:us-east-1:000000000002:function:behave';

test('a machine gets what a function answers', async () => {
  const { engine } = await anEngineWithFunctions();
  const { status, output = '' } = await outcomeOf(engine, { Resource: behave }, { act: 'count' });
  expect([status, JSON.parse(output)]).toEqual(['SUCCEEDED', { calls: 1, pid: expect.any(Number) }]);
});

test.each([
  [{ act: 'throw' }, 'TypeError'],
  [{ act: 'reject' }, 'Transient'],
  [{ act: 'exit', code: 1 }, 'Runtime.ExitError'],
  [{ act: 'spin' }, 'Sandbox.Timedout'],
])('of %o a machine catches %s', async (event, error) => {
  const { engine } = await anEngineWithFunctions();
  expect(await outcomeOf(engine, { Resource: behave }, event)).toMatchObject({ status: 'FAILED', error });
});

test('a machine tries again what failed, with the retry of its own', async () => {
  const { engine, host } = await anEngineWithFunctions();
  const Retry = [{ ErrorEquals: ['Transient'], IntervalSeconds: 1, MaxAttempts: 1 }];
  expect(await outcomeOf(engine, { Resource: behave, Retry }, { act: 'reject' })).toMatchObject({ error: 'Transient' });
  expect(host.describe('behave')?.counts).toMatchObject({ invocations: 2, failures: 2, coldStarts: 1 });
});
