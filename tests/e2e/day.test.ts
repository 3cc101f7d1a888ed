import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DetectorState, DetectorSubstate } from '#schema/detector-state';
import { Quarantine } from '#schema/quarantine';
import { Run } from '#schema/run';
import { Replica, Stf } from '#schema/stf';
import { recordsOf } from './records.ts';
import { aScratch, startWhole, summaryOf } from './whole/whole-house.ts';

test('a day of the detector, in both dialects and through every state, ends with every STF archived and processed', async () => {
  const folder = join(aScratch(), 'data');
  const words = ['--scenario', 'day', '--speed', 'max', '--exit', '--json'];
  const { code, out } = await startWhole({ folder, words }).ended;
  const stfs = summaryOf(out).stfs;
  expect(stfs).toEqual({ ...stfs, seen: 96, archived: 96, processed: 96, failed: 0, quarantined: 0 });
  expect(code).toBe(0);

  const [archive, work] = ['archive', 'work'].map((plane) => recordsOf(folder, plane));
  const seen = work?.of('stf', Stf) ?? [];
  expect(new Set(seen.map(({ state }) => state))).toEqual(new Set(DetectorState.options));
  expect(new Set(seen.map(({ substate }) => substate))).toEqual(new Set(DetectorSubstate.options));
  for (const { id, state, substate } of seen)
    expect(archive?.of('replica', Replica).find(({ stfId }) => stfId === id)?.content).toMatchObject({
      state,
      substate,
    });

  const runs = work?.of('run', Run).map(({ run, phase }) => [run, phase]) ?? [];
  expect(runs.toSorted()).toEqual([1001, 1002, 1003, 1004, 1005].map((run) => [run, 'ended']));
  for (const plane of [archive, work]) expect(plane?.of('quarantine', Quarantine)).toEqual([]);
}, 90_000);
