import { expect, test } from 'vitest';
import { commit } from '#lib/change';
import { facilities } from '#lib/records';
import { ensureLocalFacility } from '../../../../local/plane/local-facility.ts';
import { aDeps, eventTypes, type TestDeps } from '../../../builders/a-deps.ts';

const id = 'test_facility_local';
const now = (deps: TestDeps) => facilities.need(deps.store, id);

test('this machine becomes a facility of the work plane once', async () => {
  const deps = aDeps();
  for (const _ of ['first start', 'next start']) await ensureLocalFacility(deps, 3);
  expect((await now(deps)).doc).toMatchObject({ name: 'local', kind: 'local', isOnline: true, queues: [{ slots: 3 }] });
  expect(await eventTypes(deps)).toEqual(['facility.changed']);
});

test('a machine of another size keeps what people did to it: it stays drained, and offline', async () => {
  const deps = aDeps();
  await ensureLocalFacility(deps, 3);
  const { doc, version } = await now(deps);
  const drain = { by: 'anna', why: 'a new switch', sinceAt: '2026-01-01T00:00:00.000Z' };
  const acts = [{ commandId: 'c', act: 'drain' as const, by: 'anna', why: 'a new switch', at: drain.sinceAt }];
  await commit(deps, [], [facilities.put(id, { ...doc, isOnline: false, drain, acts }, version)]);
  await ensureLocalFacility(deps, 7);
  expect((await now(deps)).doc).toMatchObject({ isOnline: false, drain, acts, queues: [{ slots: 7 }] });
});
