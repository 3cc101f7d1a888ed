import { expect, test } from 'vitest';
import { lossyRun } from '../../../builders/lossy-run.ts';

test('power cuts at every disk access, of what was not synced some lost and some torn, lose nothing acknowledged', async () => {
  const { problems, cuts, torn } = await lossyRun({ cutsPerAccess: 8, everyState: 60 });
  expect(problems).toEqual([]);
  expect(cuts).toBeGreaterThan(2000);
  expect(torn).toBeGreaterThan(100);
}, 60_000);
