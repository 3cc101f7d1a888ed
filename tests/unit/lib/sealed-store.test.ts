import { expect, test } from 'vitest';
import { readConfig } from '#lib/config';
import { hashOfToken, tokenText } from '#lib/model/token-text';
import { jobs, tokens } from '#lib/records';
import { createSeal } from '#lib/seal';
import { sealedStore } from '#lib/sealed-store';
import { createMemoryStore } from '../../../functions/adapters/store/memory.ts';
import { holderOf } from '../../../functions/api/machine-tokens.ts';
import { aToken } from '../../builders/a-machine-token.ts';
import { fakeClock } from '../../builders/fake-clock.ts';

const hex = '0123456789abcdef';
const id = `test_token_${hex}`;
const text = tokenText(hex, new Uint8Array(32));
const right = aToken({ id, hashSha256: hashOfToken(text) });

/** A store whose tables others can write to, and papilio's on the same tables. */
const aSharedStore = () => {
  const clock = fakeClock();
  const { store: open, log } = createMemoryStore({ clock });
  const store = sealedStore(open, createSeal(Buffer.alloc(32, 1)));
  const needs = { config: readConfig({ PAPILIO_INSTANCE: 'test' }), clock, records: async () => ({ store, log }) };
  return { open, store, holder: () => holderOf(text, needs) };
};
const all = async (store: Parameters<typeof tokens.list>[0]) => (await tokens.list(store, 'i1', 'tokens', {})).items;

test('a token that papilio has made holds, is listed, changed, and says nothing of its seal', async () => {
  const { store, holder } = aSharedStore();
  await store.transact({ writes: [tokens.put(id, right, 0)], events: [] });
  expect(await holder()).toMatchObject({ roles: ['user'] });
  expect(await tokens.get(store, id)).toEqual({ doc: right, version: 1 });
  expect(await all(store)).toEqual([{ doc: right, version: 1 }]);
  expect(await tokens.getMany(store, [id])).toEqual([{ doc: right, version: 1 }]);
  const revoked = { ...right, revokedAt: '2026-01-02T00:00:00.000Z', revokedBy: 'anna' };
  await store.transact({ writes: [tokens.put(id, revoked, 1)], events: [] });
  await expect(holder()).rejects.toMatchObject({ code: 'token-refused', reason: expect.stringContaining('revoked') });
});

test('a token that somebody has written into the table gives no rights, and is in no list', async () => {
  const { open, store, holder } = aSharedStore();
  await open.transact({ writes: [tokens.put(id, { ...right, roles: ['admin'] }, 0)], events: [] });
  await expect(holder()).rejects.toMatchObject({ code: 'token-refused' });
  expect(await all(store)).toEqual([]);
});

test('a token whose record somebody has changed, or copied to another id, gives none', async () => {
  const { open, store, holder } = aSharedStore();
  const other = `test_token_${'f'.repeat(16)}`;
  await store.transact({ writes: [tokens.put(other, { ...right, roles: ['admin'] }, 0)], events: [] });
  const kept = await open.get({ pk: other, sk: 'token' });
  if (kept === undefined) throw new Error('the token is not there');
  const { version: _, ...copy } = kept;
  await open.putMany([{ ...copy, pk: id }]);
  await expect(holder()).rejects.toMatchObject({ code: 'token-refused' });
  await open.putMany([{ ...copy, doc: { ...copy.doc, owner: 'eve' } }]);
  expect(await tokens.get(store, other)).toBeUndefined();
});

test('records that grant no rights are as without seals', async () => {
  const { open, store } = aSharedStore();
  const write = { op: 'put', pk: 'a', sk: jobs.name, ifVersion: 0, doc: { n: 1 } } as const;
  await store.transact({ writes: [write], events: [] });
  expect((await open.get({ pk: 'a', sk: jobs.name }))?.doc).toEqual({ n: 1 });
});
