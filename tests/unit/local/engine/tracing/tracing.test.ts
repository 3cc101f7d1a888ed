import { expect, test } from 'vitest';
import type { Engine } from '../../../../../local/engine/engine.ts';
import type { InvokeFunction } from '../../../../../local/engine/part.ts';
import { readTraceHeader, spanIdOf } from '../../../../../local/stepfunctions/trace-context.ts';
import { aCollector, type CollectedSpan } from '../../../../builders/a-collector.ts';
import { aDistributedMap } from '../../../../builders/a-distributed-map.ts';
import { functionArn } from '../../../../builders/a-states-part.ts';
import { account, anEngine } from '../../../../builders/an-engine.ts';
import { fakeClock } from '../../../../builders/fake-clock.ts';

const roleArn = `arn:aws:iam::${account}:role/any`;
const machineArn = (name: string): string => `arn:aws:states:us-east-1:${account}:stateMachine:${name}`;
const executionArn = (machine: string, name: string): string =>
  `arn:aws:states:us-east-1:${account}:execution:${machine}:${name}`;

const retries = { Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 1 }] };
const machines = {
  read: {
    StartAt: 'Both',
    States: {
      Both: {
        Type: 'Parallel',
        Branches: ['left', 'right'].map((name) => ({
          StartAt: name,
          States: { [name]: { Type: 'Task', Resource: functionArn(name), ...retries, End: true } },
        })),
        Next: 'Done',
      },
      Done: { Type: 'Pass', End: true },
    },
  },
  outer: {
    StartAt: 'Inner',
    States: {
      Inner: {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution.sync:2',
        Parameters: { StateMachineArn: machineArn('read'), Name: 'inner' },
        End: true,
      },
    },
  },
  map: aDistributedMap({ Type: 'Pass' }),
  fails: { StartAt: 'Bad', States: { Bad: { Type: 'Fail', Error: 'NoHits', Cause: 'none' } } },
};

type Told = { readonly spans: readonly CollectedSpan[]; readonly called: ReadonlyMap<string, string | undefined> };

/** Runs an execution in an engine that tells a collector; gives what that was told when the engine has closed. */
async function told(machine: keyof typeof machines, input: object, options = {}): Promise<Told> {
  const collector = await aCollector();
  const called = new Map<string, string | undefined>();
  const invoke: InvokeFunction = async ({ functionName, traceparent }) => {
    const name = functionName.split(':').at(-1) ?? '';
    const isFirst = !called.has(name);
    called.set(name, traceparent);
    if (name === 'right' && isFirst) return { ok: false, errorType: 'Busy', errorMessage: 'later' };
    return { ok: true, payload: name };
  };
  const tracing = {
    endpoint: collector.url,
    headers: { 'x-team': 'shift' },
    serviceName: 'test',
    ratio: 1,
    ...options,
  };
  const clock = fakeClock();
  const engine = await anEngine({ clock, invoke, tracing });
  await createAll(engine);
  await engine.call('sfn', 'StartExecution', { stateMachineArn: machineArn(machine), name: 'one', ...input });
  while (engine.stats().executions.running > 0) {
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(100);
  }
  await engine.close();
  for (const header of collector.headers) expect(header).toBe('POST /v1/traces shift');
  return { spans: collector.spans, called };
}

async function createAll(engine: Engine): Promise<void> {
  for (const [name, definition] of Object.entries(machines)) {
    await engine.call('sfn', 'CreateStateMachine', { name, roleArn, definition: JSON.stringify(definition) });
  }
}

const find = (spans: readonly CollectedSpan[], name: string): CollectedSpan => {
  const [span, ...others] = spans.filter((each) => each.name === name);
  if (!span || others.length > 0) throw new Error(`${others.length + (span ? 1 : 0)} spans are named ${name}`);
  return span;
};
const textOf = ({ attributes }: CollectedSpan): Record<string, string> =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [key, 'stringValue' in value ? value.stringValue : value.intValue]),
  );

test('each state is a span in that of its execution or its Parallel, each try a span in that of its state', async () => {
  const { spans, called } = await told('read', {});
  const root = find(spans, 'read');
  expect(root).toMatchObject({ spanId: spanIdOf(executionArn('read', 'one'), 0), kind: 1, status: { code: 1 } });
  expect(root.parentSpanId).toBeUndefined();
  expect(textOf(root)).toEqual({
    'aws.step_functions.state_machine.arn': machineArn('read'),
    'papilio.execution.arn': executionArn('read', 'one'),
    'papilio.execution.status': 'SUCCEEDED',
  });
  const both = find(spans, 'Both');
  const right = find(spans, 'right');
  expect([both.parentSpanId, find(spans, 'Done').parentSpanId]).toEqual([root.spanId, root.spanId]);
  expect([find(spans, 'left').parentSpanId, right.parentSpanId]).toEqual([both.spanId, both.spanId]);
  expect(textOf(right)).toEqual({ 'papilio.state.type': 'Task', 'papilio.state.tries': '2' });
  const tries = spans.filter(({ parentSpanId }) => parentSpanId === right.spanId);
  expect(tries).toMatchObject([
    { name: functionArn('right'), kind: 3, status: { code: 2, message: 'Busy' } },
    { name: functionArn('right'), kind: 3, status: { code: 1 } },
  ]);
  expect(called.get('right')).toBe(`00-${root.traceId}-${tries[1]?.spanId}-01`);
  for (const span of spans) {
    expect(span.traceId).toBe(root.traceId);
    expect(BigInt(span.startTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(root.startTimeUnixNano));
    expect(BigInt(span.endTimeUnixNano)).toBeLessThanOrEqual(BigInt(root.endTimeUnixNano));
  }
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
});

test('a nested execution is in the trace of the task that started it', async () => {
  const { spans } = await told('outer', {});
  const task = find(spans, 'states:startExecution.sync:2');
  const inner = find(spans, 'read');
  expect([inner.parentSpanId, inner.traceId]).toEqual([task.spanId, find(spans, 'outer').traceId]);
});

test('the children of a distributed Map are in the trace of their map run', async () => {
  const { spans } = await told('map', { input: '[1,2]' });
  const run = find(spans, 'map run');
  expect(find(spans, 'Each').spanId).toBe(run.parentSpanId);
  const children = spans.filter(({ name }) => name === 'map/each');
  expect(children.map(({ parentSpanId }) => parentSpanId)).toEqual([run.spanId, run.spanId]);
});

test('an execution goes on with the trace of its header, of the W3C or of X-Ray, if that is wanted', async () => {
  const traceId = '5759e988bd862e3fe1be46a994272793';
  const parent = '53995c3f42cd8ad8';
  const { spans } = await told('fails', { traceHeader: `00-${traceId}-${parent}-01` }, { ratio: 0 });
  expect(find(spans, 'fails')).toMatchObject({
    traceId,
    parentSpanId: parent,
    status: { code: 2, message: 'NoHits' },
  });
  const unwanted = { traceHeader: 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0' };
  expect((await told('fails', unwanted)).spans).toEqual([]);
  expect(readTraceHeader('Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1')).toEqual({
    traceId,
    parentId: undefined,
    isSampled: true,
  });
  expect(readTraceHeader('anything')).toBeUndefined();
});

test('of traces that begin here only a part is told, if a part is asked for', async () => {
  expect((await told('read', {}, { ratio: 0 })).spans).toEqual([]);
});

test('a collector that does not take spans costs the spans, not the engine, and that is counted', async () => {
  const collector = await aCollector();
  collector.status = 503;
  const tracing = { endpoint: collector.url, headers: {}, serviceName: 'test', ratio: 1 };
  const clock = fakeClock();
  const engine = await anEngine({ clock, tracing });
  await createAll(engine);
  await engine.call('sfn', 'StartExecution', { stateMachineArn: machineArn('fails') });
  const told = async (): Promise<string> => {
    await clock.advance(1000);
    return engine.metrics();
  };
  await expect.poll(told).toMatch(/trace_span_total\{result="dropped"\} 2\n/);
  expect(collector.headers).toHaveLength(2);
});

test('an express execution is one span, since its steps are nowhere', async () => {
  const collector = await aCollector();
  const tracing = { endpoint: collector.url, headers: {}, serviceName: 'test', ratio: 1 };
  const engine = await anEngine({ tracing });
  const definition = JSON.stringify(machines.fails);
  await engine.call('sfn', 'CreateStateMachine', { name: 'quick', roleArn, definition, type: 'EXPRESS' });
  await engine.call('sfn', 'StartSyncExecution', { stateMachineArn: machineArn('quick') });
  const text = await engine.metrics();
  await engine.close();
  expect(collector.spans).toMatchObject([{ name: 'quick', status: { code: 2, message: 'NoHits' } }]);
  expect(text).toMatch(/execution_ended_total\{.*machine="quick".*status="FAILED".*\} 1\n/);
});
