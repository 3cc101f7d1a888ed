import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aFolder, aHouse, handled, sendWords, statusOf } from './planes/test-house.ts';

test('a message that stops the loop is parked when it does so alone; everything else goes on', {
  timeout: 30_000,
}, async () => {
  const folder = await aFolder();
  const house = await aHouse(folder, { standstillMs: 2_500 });
  const words = ['ada', 'bea', 'cleo', 'dora', 'poison', 'emma', 'fay', 'gina', 'hedy'];
  await sendWords(folder, words);

  const parked = async () => (await statusOf(folder, 'work'))?.parked?.length;
  await expect.poll(parked, { timeout: 25_000, interval: 100 }).toBe(1);
  await sendWords(folder, ['ida']);
  const [stopper] = (await statusOf(folder, 'work'))?.parked ?? [];
  expect(stopper).toMatchObject({ function: 'handle-word', key: expect.stringMatching(/^handle-word:/) });
  const logged = () => readFile(join(folder, 'log/work.jsonl'), 'utf8');
  await expect.poll(logged, { timeout: 10_000, interval: 100 }).toContain('"code":"loop-stopped"');
  const wanted = [...words.filter((word) => word !== 'poison'), 'ida'].sort();
  await expect
    .poll(async () => [...new Set(await handled(folder))], { timeout: 15_000, interval: 100 })
    .toEqual(wanted);

  expect(house.starts('work'), 'the supervisor ended it twice').toBe(3);
  expect(house.starts('archive'), 'the other plane went on').toBe(1);
});
