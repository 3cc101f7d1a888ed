import { expect, test } from 'vitest';
import { aDeps } from '../../builders/a-deps.ts';
import { aLongRun } from './long-run.ts';

test('a run of 200,000 STFs is found whole by BX, without a gap', async () => {
  const { totals, missed } = await aLongRun(aDeps(), 0, 200_000, 20_000);
  expect(missed).toEqual([]);
  expect(totals).toEqual({ held: 200_000_000, overlapped: 0, gaps: 0 });
}, 600_000);
