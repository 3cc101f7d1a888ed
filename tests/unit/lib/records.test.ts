import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { outbox } from '#lib/records';
import { createMemoryStore } from '../../../functions/adapters/store/memory.ts';
import { fakeClock } from '../../builders/fake-clock.ts';

test('who goes through all records of an index lets the loop turn between its pages', async () => {
  const { store } = createMemoryStore({ clock: fakeClock() });
  const rowOf = (id: string) => ({ id, token: 'a token', answer: { kind: 'success', output: {} } as const });
  const ids = Array.from({ length: 3_500 }, (_, at) => String(at).padStart(5, '0'));
  await outbox.putMany(
    store,
    ids.map((id) => [id, rowOf(id)] as const),
  );
  let turns = 0;
  let isOver = false;
  const turning = (async () => {
    while (!isOver) {
      await setImmediate();
      turns += 1;
    }
  })();
  const found: string[] = [];
  for await (const { doc } of outbox.every(store, 'i1', 'outbox')) found.push(doc.id);
  expect(turns).toBeGreaterThanOrEqual(3);
  isOver = true;
  await turning;
  expect(found).toEqual(ids);
});
