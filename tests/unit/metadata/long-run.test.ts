import { expect, test } from 'vitest';
import { aDeps } from '../../builders/a-deps.ts';
import { aLongRun } from './long-run.ts';

test('a run that passes the border of a block is found whole by BX, without a gap', async () => {
  const { totals, missed } = await aLongRun(aDeps(), 133_000, 135_600, 1500);
  expect(missed).toEqual([]);
  expect(totals).toEqual({ held: 2_600_000, overlapped: 0, gaps: 0 });
});
