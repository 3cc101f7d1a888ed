import { expect, test } from 'vitest';
import { aDistributedMap } from '../../../../builders/a-distributed-map.ts';
import { type AList, provePaging } from '../../../../builders/a-list.ts';
import { aStatesPart } from '../../../../builders/a-states-part.ts';
import { aRunning, proveExecutionArn } from '../../../../builders/an-execution.ts';
import { modelProblems } from '../../../../builders/api-model.ts';

proveExecutionArn('ListMapRuns', aRunning);

/** An execution that has begun so many map runs, and begins another one a second. */
const withMapRuns = async (count: number): Promise<AList> => {
  const states = aStatesPart();
  const again = { ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 200, BackoffRate: 1 };
  // There are no objects here, so that every reader fails.
  const reader = {
    Resource: 'arn:aws:states:::s3:getObject',
    ReaderConfig: { InputType: 'JSON' },
    Parameters: { Bucket: 'b', Key: 'f' },
  };
  const arn = await states.run(aDistributedMap({ Type: 'Pass' }, { ItemReader: reader, Retry: [again] }));
  const add = async (): Promise<void> => {
    await states.clock.advance(1000);
    await states.settle();
  };
  for (let at = 1; at < count; at++) await add();
  return { states, input: { executionArn: arn }, add };
};

provePaging('ListMapRuns', withMapRuns);

test('api: ListMapRuns.executionArn effect: the map runs of this execution, the latest first', async () => {
  const { states, input } = await withMapRuns(2);
  const page = await states.call('ListMapRuns', input);
  expect(modelProblems('ListMapRunsOutput', page)).toEqual([]);
  const [latest, first] = [page.mapRuns].flat().map((each) => Object(each));
  expect(latest).toMatchObject({
    ...input,
    mapRunArn: expect.stringContaining(':mapRun:m1/each:'),
    stateMachineArn: expect.stringMatching(/:stateMachine:m1\/each$/),
    stopDate: expect.any(Number),
  });
  expect(latest.startDate).toBeGreaterThan(first.startDate);
});
