import { DescribeExecutionCommand, RedriveExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { facilities } from '#lib/records';
import { runProgress } from '#lib/run-progress';
import { Command } from '#schema/command';
import { machineArn } from '../../../functions/adapters/machines/sfn.ts';
import type { HouseInMemory } from '../../builders/a-house-in-memory.ts';
import { aDrivenHouse, announce, jobsIn, pass, stfsIn, until } from './driven-house.ts';

/** Executions are stopped while their jobs wait, in both planes with all their functions and machines. */

/** One more than the site has slots. */
const sequences = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const stopped = sequences.slice(0, -1);

const steer = async ({ planes: { work } }: HouseInMemory, verb: 'drain' | 'resume') => {
  const { now, queues } = work.deps;
  const asked = {
    id: `test_command_${verb}`,
    subject: 'test_facility_local',
    by: 'anna',
    why: 'a new switch',
    at: now(),
  };
  await queues.send('steer-facility', [Command.parse({ ...asked, action: `facility.${verb}`, data: {} })]);
};

const isDrained = async ({ planes: { work } }: HouseInMemory) =>
  (await facilities.need(work.deps.store, 'test_facility_local')).doc.drain !== undefined;

/** The execution of `run-job` that has the job of an STF. */
const executionArnOf = ({ planes: { work } }: HouseInMemory, sequence: number): string => {
  const name = `test_exec_bnl-1-stf-00102363-${String(sequence).padStart(8, '0')}-p1-job`;
  const { PAPILIO_REGION: region } = work.deps.config;
  return `${machineArn('run-job', 'work', region).replace(':stateMachine:', ':execution:')}:${name}`;
};

/** A drained house in which all wait, and all but one of the executions have been stopped. */
const aStoppedHouse = async (): Promise<HouseInMemory> => {
  const house = await aDrivenHouse(sequences);
  await steer(house, 'drain');
  await until(house, () => isDrained(house));
  await announce(house, sequences);
  await pass(house, 60_000);
  expect((await jobsIn(house)).map(({ state }) => state)).toEqual(sequences.map(() => 'waiting'));
  for (const sequence of stopped) {
    const executionArn = executionArnOf(house, sequence);
    const why = { error: 'papilio.stopped', cause: 'anna: wrong calibration' };
    await house.planes.work.sfn.send(new StopExecutionCommand({ executionArn, ...why }));
  }
  return house;
};

test('executions that were stopped at a drained site take no slot from the others when it is resumed', async () => {
  using house = await aStoppedHouse();
  const { work } = house.planes;
  await steer(house, 'resume');
  const isOver = async () => (await stfsIn(house)).every(({ processing }) => processing !== 'waiting');
  expect(await until(house, isOver)).toBeLessThanOrEqual(10_000);
  const ended = await jobsIn(house);
  expect(ended.map(({ state }) => state)).toEqual([...stopped.map(() => 'failed'), 'succeeded']);
  expect(ended.filter(({ place }) => place !== undefined)).toEqual([]);
  const [first] = await stfsIn(house);
  expect(first?.failure).toMatchObject({
    code: 'execution-stopped',
    reason: expect.stringMatching(
      /^run-job:test_exec_\S+ ended as ABORTED .+: papilio\.stopped: anna: wrong calibration$/,
    ),
  });
  expect(await runProgress(work.deps.store, 'test_run_00102363')).toMatchObject({ processed: 1, failed: 8 });
  expect(work.deadLetters()).toBe(0);
});

test('a job whose execution was stopped is run again in another one', async () => {
  using house = await aStoppedHouse();
  const { work } = house.planes;
  await steer(house, 'resume');
  const jobOf = async (sequence: number) => (await jobsIn(house))[sequence - 1];
  await until(house, async () => (await jobOf(1))?.state === 'failed');
  const failed = await jobOf(1);
  const asked = { id: 'test_command_retry', subject: failed?.id, by: 'anna', why: 'it is right', at: work.deps.now() };
  await work.deps.queues.send('steer-jobs', [Command.parse({ ...asked, action: 'job.retry', data: {} })]);
  await until(house, async () => (await stfsIn(house))[0]?.processing === 'processed');
  expect(await jobOf(1)).toMatchObject({ state: 'succeeded', attempts: [{ number: 2 }] });
  const old = await work.sfn.send(new DescribeExecutionCommand({ executionArn: executionArnOf(house, 1) }));
  expect(old.status).toBe('ABORTED');
});

test('a job whose execution is stopped while its payload runs gives its slot back at its end; a redrive registers its output', async () => {
  using house = await aDrivenHouse([1]);
  const { work } = house.planes;
  await announce(house, [1]);
  await until(house, async () => (await jobsIn(house))[0]?.state === 'submitted');
  const executionArn = executionArnOf(house, 1);
  await work.sfn.send(new StopExecutionCommand({ executionArn }));
  await pass(house, 120_000);
  const [ended] = await jobsIn(house);
  expect(ended).toMatchObject({ state: 'succeeded', attempts: [{ state: 'settled' }] });
  expect(ended).not.toHaveProperty('place');
  expect((await stfsIn(house))[0]?.processing).toBe('waiting');
  await work.sfn.send(new RedriveExecutionCommand({ executionArn }));
  await until(house, async () => (await stfsIn(house))[0]?.processing === 'processed');
  expect((await jobsIn(house))[0]?.attempts).toHaveLength(1);
});
