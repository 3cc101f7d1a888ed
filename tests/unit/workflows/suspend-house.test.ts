import { expect, test } from 'vitest';
import { Command } from '#schema/command';
import type { HouseInMemory } from '../../builders/a-house-in-memory.ts';
import { aDrivenHouse, announce, jobsIn, messageOf, pass, stfsIn, until, valuesOf } from './driven-house.ts';

/** Suspend and resume in both planes with all their functions and machines, on a clock of their own. */

const sequences = [1, 2, 3, 4, 5, 6, 7, 8];

const steer = async ({ planes }: HouseInMemory, verb: 'suspend' | 'resume') => {
  const command = {
    id: `test_command_${verb}`,
    action: `processing.${verb}`,
    subject: 'test_facet_processing',
    by: 'anna',
    why: 'a new firmware',
    at: planes.work.deps.now(),
  };
  await planes.work.deps.queues.send('steer-processing', [Command.parse(command)]);
};

test('what waits while processing is suspended is archived, and all of it is placed within a second of the resume', async () => {
  using house = await aDrivenHouse(sequences);
  await steer(house, 'suspend');
  await until(house, async () => (await valuesOf(house, 'processing')).includes('suspended-by-operator'));
  await announce(house, sequences);
  await pass(house, 3_600_000);
  const waiting = await jobsIn(house);
  expect(waiting.map(({ state, attempts }) => [state, attempts.length])).toEqual(sequences.map(() => ['waiting', 0]));
  for (const sequence of sequences)
    expect(await house.planes.archive.deps.archive.stat(`00102363/${messageOf(sequence).fact.name}`)).toBeDefined();
  await steer(house, 'resume');
  const isPlaced = async () => (await jobsIn(house)).every(({ state }) => state !== 'waiting');
  expect(await until(house, isPlaced)).toBeLessThanOrEqual(1_000);
  await until(house, async () => (await stfsIn(house)).every(({ processing }) => processing === 'processed'));
  expect((await jobsIn(house)).map(({ attempts }) => attempts.length)).toEqual(sequences.map(() => 1));
  expect(house.planes.work.deadLetters()).toBe(0);
});

test('silence is found within a second of its limit, by the plane’s own schedule, and so is its end', async () => {
  using house = await aDrivenHouse(sequences, { PAPILIO_SILENCE_S: '5' });
  await announce(house, [1]);
  expect(await until(house, async () => (await valuesOf(house, 'stream')).includes('flowing'))).toBeLessThanOrEqual(
    1_000,
  );
  const silentMs = await until(house, async () => (await valuesOf(house, 'stream')).includes('silent'));
  expect(silentMs).toBeGreaterThan(3_900);
  expect(silentMs).toBeLessThanOrEqual(6_000);
  await pass(house, 600_000);
  await announce(house, [2]);
  const isBack = async () => (await valuesOf(house, 'stream')).filter((value) => value === 'flowing').length === 2;
  expect(await until(house, isBack)).toBeLessThanOrEqual(1_000);
  expect(await valuesOf(house, 'processing')).toEqual(['running', 'suspended-by-silence', 'running']);
});
