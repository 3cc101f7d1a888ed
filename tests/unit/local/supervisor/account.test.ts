import { expect, test } from 'vitest';
import { inWords, isWhole } from '../../../../local/supervisor/account.ts';

const stfs = { seen: 3, archived: 3, processed: 3, failed: 0, quarantined: 0 };
const summary = {
  run: 7,
  stfs,
  messages: { seen: 6, duplicate: 1, quarantined: 0 },
  latencyMs: { p50: 12.3, p99: null },
  outputs: [],
};

test.each([
  ['all archived and processed', stfs, true],
  ['one not archived', { ...stfs, archived: 2 }, false],
  ['one not processed', { ...stfs, processed: 2 }, false],
  ['one failed', { ...stfs, processed: 2, failed: 1 }, false],
  ['nothing seen', { ...stfs, seen: 0, archived: 0, processed: 0 }, false],
])('%s', (_, counts, whole) => {
  expect(isWhole({ ...summary, stfs: counts })).toBe(whole);
});

test('a summary in words names the run and leaves out what nobody measured', () => {
  expect(inWords(summary)).toContain('run 7: 3 STFs seen, 3 archived');
  expect(inWords(summary)).toContain('p50 12 ms, p99 –');
});
