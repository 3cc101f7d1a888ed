import { expect, test } from 'vitest';
import { inboxes } from '../../../functions/catalog.ts';
import { aMessage } from '../../builders/a-message.ts';
import { aDrivenHouse, announce, jobsIn, stfsIn, until } from './driven-house.ts';

/** A run that is announced, in both planes with all their functions and machines, on a clock of their own. */

test('a run that is announced twice is prepared for once, one job after the other, and nothing is left of it', async () => {
  using house = await aDrivenHouse([1]);
  const { archive, work } = house.planes;
  for (const sender of ['daq', 'daq again'])
    await archive.deps.queues.send(inboxes.work, [aMessage('run_imminent', { sender })]);
  let running = 0;
  await until(house, async () => {
    const jobs = await jobsIn(house);
    running = Math.max(running, jobs.filter(({ place }) => place !== undefined).length);
    return jobs.length > 0 && jobs.every(({ state }) => state === 'succeeded');
  });
  expect(running).toBe(1);
  expect((await jobsIn(house)).map(({ task, attempts }) => [task, attempts.length])).toEqual(
    Array.from({ length: 4 }, () => ['warm-up', 1]),
  );
  await until(house, async () => work.isAtRest());
  await announce(house, [1]);
  await until(house, async () => (await stfsIn(house))[0]?.processing === 'processed');
  expect(work.deadLetters()).toBe(0);
});
