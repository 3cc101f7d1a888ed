import { expect, test } from 'vitest';
import { aFolder } from '../builders/an-engine.ts';
import { spawnEngineProcess } from '../builders/an-engine-process.ts';

test('a second engine on a folder is refused, also while the first one is stopped; after its death the next one starts', async () => {
  const folder = await aFolder();
  const first = spawnEngineProcess({ folder });
  await first.ready;
  const refusal = `is in use by process ${first.pid}; stop it first, or give this engine a folder of its own`;
  await expect(spawnEngineProcess({ folder }).ready).rejects.toThrow(refusal);
  process.kill(first.pid, 'SIGSTOP');
  await expect(spawnEngineProcess({ folder }).ready).rejects.toThrow(refusal);
  await first.kill();
  const heirs = [spawnEngineProcess({ folder }), spawnEngineProcess({ folder })];
  const starts = await Promise.allSettled(heirs.map(({ ready }) => ready));
  expect(starts.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  await Promise.all(heirs.map(({ kill }) => kill()));
});
