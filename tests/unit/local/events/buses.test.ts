import { describe, expect, test } from 'vitest';
import { account } from '../../../builders/an-engine.ts';
import { queueArn, someEvents } from '../../../builders/some-events.ts';

const bus = (Name: string, ...Rules: object[]) => ({ EventBuses: [{ Name, Rules }] });
const rule = (EventPattern: unknown, ...Targets: object[]) => ({
  Name: 'r',
  EventPattern,
  Targets: Targets.map((target, at) => ({ Id: `t${at}`, ...target })),
});
const entry = (detail: object = {}, more: object = {}) => ({
  Source: 'epic.daq',
  DetailType: 'run.ended',
  Detail: JSON.stringify(detail),
  ...more,
});

describe('an event that is put', () => {
  test('comes to the queues of the rules that match it, as EventBridge has it', async () => {
    const events = await someEvents(
      bus('default', rule({ source: [{ prefix: 'epic' }], detail: { run: [7] } }, { Arn: queueArn('inbox') })),
    );
    await events.createQueue('inbox');
    const Resources = ['arn:a'];
    const answer = await events.put(
      entry({ run: 7 }, { Resources, Time: '2026-03-04T05:06:07.891Z' }),
      entry({ run: 8 }),
    );
    expect(answer).toMatchObject({
      ok: true,
      output: { FailedEntryCount: 0, Entries: [{ EventId: expect.any(String) }, {}] },
    });
    expect(await events.bodies('inbox')).toEqual([
      {
        version: '0',
        id: answer.ok ? Object(answer.output).Entries[0].EventId : '',
        'detail-type': 'run.ended',
        source: 'epic.daq',
        account,
        time: '2026-03-04T05:06:07Z',
        region: 'us-east-1',
        resources: Resources,
        detail: { run: 7 },
      },
    ]);
  });

  test('starts an execution once, however often it is put', async () => {
    const definition = JSON.stringify({ StartAt: 'P', States: { P: { Type: 'Pass', End: true } } });
    const stateMachineArn = `arn:aws:states:us-east-1:${account}:stateMachine:m`;
    const events = await someEvents(
      bus('default', rule({ source: ['epic.daq'] }, { Arn: stateMachineArn, InputPath: '$.detail' })),
    );
    await events.engine.call('sfn', 'CreateStateMachine', {
      name: 'm',
      definition,
      roleArn: `arn:aws:iam::${account}:role/r`,
    });
    for (let time = 0; time < 2; time++) await events.put(entry({ run: 7 }));
    const list: object = await events.engine.call('sfn', 'ListExecutions', { stateMachineArn });
    expect(list).toMatchObject({ executions: [{ status: 'SUCCEEDED' }] });
    expect(Object(list).executions).toHaveLength(1);
    const { executionArn } = Object(list).executions[0];
    expect(await events.engine.call('sfn', 'DescribeExecution', { executionArn })).toMatchObject({
      input: '{"run":7}',
    });
    expect(events.lost).toEqual([]);
  });

  test('goes to the bus that it names, by name or ARN', async () => {
    const events = await someEvents(bus('daq', rule({ source: ['epic.daq'] }, { Arn: queueArn('inbox') })));
    await events.createQueue('inbox');
    await events.put(entry(), entry({}, { EventBusName: 'daq' }));
    await events.put(entry({}, { EventBusName: `arn:aws:events:us-east-1:${account}:event-bus/daq` }));
    expect(await events.bodies('inbox')).toHaveLength(2);
  });

  test('of a rule that is disabled goes nowhere', async () => {
    const events = await someEvents(
      bus('default', { ...rule({ source: ['epic.daq'] }, { Arn: queueArn('inbox') }), State: 'DISABLED' }),
    );
    await events.createQueue('inbox');
    await events.put(entry());
    expect(await events.bodies('inbox')).toEqual([]);
  });

  test('has its own answer, whatever becomes of the others', async () => {
    const events = await someEvents({});
    const answer = await events.put(
      entry(),
      entry({}, { Source: '' }),
      entry({}, { DetailType: undefined }),
      entry({}, { Detail: '[1]' }),
      entry({}, { Detail: '{' }),
      entry({}, { Source: 'aws.s3' }),
      entry({}, { EventBusName: 'other' }),
    );
    expect(answer).toMatchObject({
      ok: true,
      output: {
        FailedEntryCount: 6,
        Entries: [
          { EventId: expect.any(String) },
          { ErrorCode: 'InvalidArgument', ErrorMessage: expect.stringContaining('Source') },
          { ErrorCode: 'InvalidArgument', ErrorMessage: expect.stringContaining('DetailType') },
          { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' },
          { ErrorCode: 'MalformedDetail' },
          { ErrorCode: 'NotAuthorizedForSourceException' },
          { ErrorCode: 'ResourceNotFoundException' },
        ],
      },
    });
  });

  test.each([0, 11])('cannot be one of %i', async (count) => {
    const events = await someEvents({});
    expect(await events.put(...Array.from({ length: count }, () => entry()))).toMatchObject({
      error: 'ValidationException',
    });
  });

  test('cannot be larger than a quarter of a megabyte', async () => {
    const events = await someEvents({});
    expect(await events.put(entry({ a: 'x'.repeat(262_144) }))).toMatchObject({ error: 'ValidationException' });
  });
});
