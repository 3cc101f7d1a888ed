import { expect, test } from 'vitest';
import { lossyRun } from '../../../builders/lossy-run.ts';

test('power cuts at every disk access, of what was not synced some lost and some torn, lose nothing acknowledged', async () => {
  const { problems, cuts, torn } = await lossyRun({ cutsPerAccess: 6, everyState: 80 });
  expect(problems).toEqual([]);
  expect(cuts).toBeGreaterThan(800);
  expect(torn).toBeGreaterThan(100);
}, 60_000);

test('nor do they where nothing is left but a snapshot and what came after it', async () => {
  const { problems, cuts } = await lossyRun({ cutsPerAccess: 3, keepsHistory: false });
  expect(problems).toEqual([]);
  expect(cuts).toBeGreaterThan(300);
}, 60_000);
