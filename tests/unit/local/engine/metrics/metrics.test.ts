import { expect, onTestFinished, test } from 'vitest';
import { exposition } from '../../../../../local/engine/metrics/exposition.ts';
import { createCounter, createHistogram } from '../../../../../local/engine/metrics/instruments.ts';
import { enginePages } from '../../../../../local/engine/pages.ts';
import { serveEngine } from '../../../../../local/engine/server.ts';
import { functionArn } from '../../../../builders/a-states-part.ts';
import { askingMachine } from '../../../../builders/an-asking-machine.ts';
import { account, aFolder, anEngine } from '../../../../builders/an-engine.ts';
import { fakeClock } from '../../../../builders/fake-clock.ts';

const roleArn = `arn:aws:iam::${account}:role/any`;
const arnOf = (name: string): string => `arn:aws:states:us-east-1:${account}:stateMachine:${name}`;

/** Samples of a text, `name{labels}` to value. */
const samplesOf = (text: string): Map<string, number> =>
  new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );

const machines = {
  passes: { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } },
  works: { StartAt: 'W', States: { W: { Type: 'Task', Resource: functionArn('read'), End: true } } },
  asks: askingMachine,
};

test('the metrics tell what started, ended, was invoked, called, refused, and what waits', async () => {
  const clock = fakeClock();
  const engine = await anEngine({
    clock,
    invoke: async ({ payload }) =>
      payload === 1 ? { ok: true, payload } : { ok: false, errorType: 'NoHits', errorMessage: 'none' },
  });
  await engine.call('sqs', 'CreateQueue', { QueueName: 'ask' });
  for (const [name, definition] of Object.entries(machines)) {
    await engine.call('sfn', 'CreateStateMachine', { name, roleArn, definition: JSON.stringify(definition) });
  }
  const start = (name: string, input: string) =>
    engine.call('sfn', 'StartExecution', { stateMachineArn: arnOf(name), input });
  await Promise.all([start('passes', '{}'), start('passes', '{}'), start('works', '1'), start('works', '2')]);
  await start('asks', '{}');
  await expect(start('nowhere', '{}')).rejects.toThrow();
  await expect.poll(() => engine.stats().executions.running).toBe(1);
  await clock.advance(90_000);

  const samples = samplesOf(await engine.metrics());
  const expected: Record<string, number> = {
    'execution_started_total{machine="passes"}': 2,
    'execution_ended_total{machine="passes",status="SUCCEEDED"}': 2,
    'execution_ended_total{machine="works",status="SUCCEEDED"}': 1,
    'execution_ended_total{machine="works",status="FAILED"}': 1,
    execution_running: 1,
    execution_known: 5,
    'api_call_total{service="sfn",operation="StartExecution",code="OK"}': 5,
    'api_call_total{service="sfn",operation="StartExecution",code="StateMachineDoesNotExist"}': 1,
    'function_invoke_total{result="ok"}': 1,
    'function_invoke_total{result="NoHits"}': 1,
    function_invoke_seconds_count: 2,
    'wait_count{kind="token"}': 1,
    token_oldest_wait_seconds: 90,
    open_wait_count: 1,
    'queue_message_count{queue="ask",state="ready"}': 1,
    journal_writable: 1,
    journal_segment_count: 1,
    compaction_failed: 0,
  };
  for (const [name, value] of Object.entries(expected)) {
    expect([name, samples.get(`papilio_engine_${name}`)]).toEqual([name, value]);
  }
  expect(samples.get('papilio_engine_journal_record_total')).toBeGreaterThan(8);
  const commits = samples.get('papilio_engine_journal_commit_seconds_count');
  expect(samples.get('papilio_engine_journal_commit_seconds_bucket{le="+Inf"}')).toBe(commits);
});

test('what a recovery reads is not counted as if it had happened again', async () => {
  const folder = await aFolder();
  const first = await anEngine({ folder });
  const definition = JSON.stringify(machines.passes);
  await first.call('sfn', 'CreateStateMachine', { name: 'passes', roleArn, definition });
  await first.call('sfn', 'StartExecution', { stateMachineArn: arnOf('passes') });
  await first.close();
  const second = await anEngine({ folder });
  const samples = samplesOf(await second.metrics());
  expect(samples.get('papilio_engine_execution_started_total{machine="passes"}')).toBeUndefined();
  expect(samples.get('papilio_engine_execution_known')).toBe(1);
  expect(samples.get('papilio_engine_recovery_record_count')).toBe(3);
});

test('GET /metrics is read by Prometheus; other paths are of the AWS protocol', async () => {
  const engine = await anEngine();
  const server = await serveEngine({ call: engine.call, listen: { port: 0 }, pages: enginePages(engine) });
  onTestFinished(() => server.close());
  const response = await fetch(`${server.address}/metrics?from=prometheus`);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const text = await response.text();
  expect(text).toMatch(/^# HELP papilio_engine_execution_started_total /);
  for (const line of text.trimEnd().split('\n')) {
    expect(line).toMatch(
      /^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="([^"\\]|\\.)*",?)+\})? (\+Inf|NaN|-?[\d.]+(e[+-]?\d+)?))$/,
    );
  }
  expect((await fetch(`${server.address}/nothing`)).status).toBe(400);
});

test('labels are escaped, and names without end become one', () => {
  const counter = createCounter('name');
  for (let n = 0; n < 3000; n += 1) counter.add(`n${n}`);
  const samples = counter.samples();
  expect(samples).toHaveLength(1001);
  expect(samples.at(-1)).toEqual({ labels: { name: 'other' }, value: 2000 });
  const odd = { name: 'x', help: 'a\nb', type: 'gauge', samples: [{ labels: { of: 'q"\\\n' }, value: 1 }] } as const;
  expect(exposition([odd])).toBe('# HELP x a\\nb\n# TYPE x gauge\nx{of="q\\"\\\\\\n"} 1\n');
});

test('a histogram counts up to each bound', () => {
  const histogram = createHistogram();
  for (const tookMs of [0.05, 0.1, 2, 70_000]) histogram.observe(tookMs);
  const of = (le: string) => histogram.samples().find(({ labels }) => labels?.le === le)?.value;
  expect([of('0.0001'), of('0.001'), of('0.0025'), of('60'), of('+Inf')]).toEqual([2, 2, 3, 3, 4]);
});
