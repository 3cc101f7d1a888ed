import { expect, test } from 'vitest';
import { lossyRun } from '../../../builders/lossy-run.ts';

test('power cuts at every disk access, of what was not synced some lost and some torn, lose nothing acknowledged', async () => {
  const { problems, cuts, torn } = await lossyRun({ cutsPerAccess: 10, everyState: 80 });
  expect(problems).toEqual([]);
  expect(cuts).toBeGreaterThan(1500);
  expect(torn).toBeGreaterThan(100);
}, 60_000);

test('nor do they where nothing is left but a snapshot and what came after it', async () => {
  const { problems, cuts } = await lossyRun({ cutsPerAccess: 5, keepsHistory: false });
  expect(problems).toEqual([]);
  expect(cuts).toBeGreaterThan(700);
}, 60_000);
