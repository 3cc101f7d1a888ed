import fc from 'fast-check';
import { expect, test } from 'vitest';
import { outputs } from '#lib/records';
import type { HouseInMemory } from '../../builders/a-house-in-memory.ts';
import { aDrivenHouse, announce, bytesOf, jobsIn, messageOf, pass, stfsIn, until } from './driven-house.ts';

/** Files that come late or corrupt, in both planes with all their functions and machines, on a clock of their own. */

const stfIs = (house: HouseInMemory, processing: string) => async () => {
  const [stf] = await stfsIn(house);
  return stf?.processing === processing;
};
const leave = ({ world }: HouseInMemory, bytes: Uint8Array) =>
  world.files.set(world.incoming.path(messageOf(1).fact.name), bytes);
const outputsIn = async ({ planes }: HouseInMemory) =>
  (await outputs.list(planes.work.deps.store, 'i1', 'test_run_00102363#outputs')).items.map(({ doc }) => doc.pass);

test.each([
  ['never came', undefined],
  ['was corrupt', Buffer.from('noise')],
])('an STF whose file %s is processed in a second pass when it comes with a repeat, once', async (_, first) => {
  using house = await aDrivenHouse([]);
  if (first) leave(house, first);
  await announce(house, [1]);
  await until(house, stfIs(house, 'failed'));
  leave(house, bytesOf(1));
  await announce(house, [1]);
  await announce(house, [1]);
  await until(house, stfIs(house, 'processed'));
  await until(house, async () => house.planes.work.isAtRest() && house.planes.archive.isAtRest());
  expect(await stfsIn(house)).toMatchObject([{ pass: 2, processing: 'processed' }]);
  expect((await jobsIn(house)).map(({ pass, state }) => [pass, state])).toEqual([
    [1, 'failed'],
    [2, 'succeeded'],
  ]);
  expect(await outputsIn(house)).toEqual([2]);
});

test('a file that comes before its STF is given up needs no second pass, and no payload ran without it', async () => {
  using house = await aDrivenHouse([]);
  await announce(house, [1]);
  await pass(house, 20_000);
  expect(await jobsIn(house)).toMatchObject([{ state: 'waiting', attempts: [] }]);
  leave(house, bytesOf(1));
  await until(house, stfIs(house, 'processed'));
  expect(await stfsIn(house)).toMatchObject([{ pass: 1 }]);
  expect((await jobsIn(house)).flatMap(({ attempts }) => attempts)).toHaveLength(1);
});

test('whenever a file comes with its repeat, around the moments at which either plane gives up, it is processed once', async () => {
  const comesAfterMs = fc.integer({ min: 50_000, max: 90_000 });
  await fc.assert(
    fc.asyncProperty(comesAfterMs, async (ms) => {
      using house = await aDrivenHouse([]);
      await announce(house, [1]);
      await pass(house, ms);
      leave(house, bytesOf(1));
      await announce(house, [1]);
      await until(house, stfIs(house, 'processed'));
      await until(house, async () => house.planes.work.isAtRest() && house.planes.archive.isAtRest());
      expect(await outputsIn(house)).toHaveLength(1);
      expect(house.planes.work.deadLetters() + house.planes.archive.deadLetters()).toBe(0);
    }),
    { numRuns: 10 },
  );
}, 30_000);
