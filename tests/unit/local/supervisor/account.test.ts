import { expect, test } from 'vitest';
import { accountOf, inWords, type RunCounts } from '../../../../local/supervisor/account.ts';

const stfs = { seen: 3, archived: 3, processed: 3, failed: 0, quarantined: 0 };
const messages = { seen: 6, duplicate: 1, quarantined: 0 };
const summary = { run: 7, stfs, messages, latencyMs: { p50: 12.3, p99: null }, outputs: [] };
const unread = { lines: 0, distinct: 0, held: 0 };
const aRun = (change: Partial<RunCounts> = {}): RunCounts => ({ run: 7, stfs, messages, ...change });
const kindsOf = (runs: readonly RunCounts[], unreadable = unread) =>
  accountOf(summary, { runs, unread: unreadable }).shortfalls.map(({ kind, count }) => [kind, count]);

test('a run is whole when every announced STF is archived and processed and no message is held', () => {
  expect(accountOf(summary, { runs: [aRun({ totalStfs: 3 })], unread })).toMatchObject({
    isWhole: true,
    missing: 0,
    shortfalls: [],
    shortfallCount: 0,
  });
});

test.each<[string, Partial<RunCounts>, unknown]>([
  ['one not archived', { stfs: { ...stfs, archived: 2 } }, [['stfs-not-archived', 1]]],
  ['one not processed', { stfs: { ...stfs, processed: 2 } }, [['stfs-not-processed', 1]]],
  ['one failed', { stfs: { ...stfs, processed: 2, failed: 1 } }, [['stfs-failed', 1]]],
  ['fewer than end_run announced', { totalStfs: 5 }, [['stfs-missing', 2]]],
  ['a message of the run is held', { messages: { ...messages, quarantined: 2 } }, [['messages-held', 2]]],
])('a run is not whole with %s, and the account names it', (_, change, kinds) => {
  expect(kindsOf([aRun(change)])).toEqual(kinds);
});

test('more STFs than end_run announced are no shortfall', () => {
  expect(kindsOf([aRun({ totalStfs: 1 })])).toEqual([]);
});

test('one incomplete run of several makes the account incomplete', () => {
  const runs = [aRun(), aRun({ run: 8, stfs: { ...stfs, archived: 1 } })];
  const account = accountOf({ ...summary, run: null }, { runs, unread });
  expect(account.isWhole).toBe(false);
  expect(account.shortfalls).toMatchObject([{ kind: 'stfs-not-archived', run: 8, count: 2 }]);
});

test('messages that name no run count in the account of the only run', () => {
  const account = accountOf(summary, { runs: [aRun()], unread: { lines: 3, distinct: 2, held: 2 } });
  expect(account.messages).toEqual({ seen: 9, duplicate: 2, quarantined: 2 });
  expect(account.shortfalls).toMatchObject([{ kind: 'messages-unread', count: 2 }]);
});

test('messages that were settled by a person are no shortfall', () => {
  expect(kindsOf([aRun()], { lines: 2, distinct: 2, held: 0 })).toEqual([]);
});

test('a recording that announces nothing is not whole', () => {
  expect(kindsOf([])).toEqual([['nothing-announced', 0]]);
  expect(kindsOf([aRun({ stfs: { ...stfs, seen: 0, archived: 0, processed: 0 } })])).toEqual([
    ['nothing-announced', 0],
  ]);
});

test('of very many reasons the first hundred are listed and all are counted', () => {
  const runs = Array.from({ length: 150 }, (_, run) => aRun({ run, totalStfs: 4 }));
  const account = accountOf({ ...summary, run: null }, { runs, unread });
  expect([account.shortfalls.length, account.shortfallCount, account.missing]).toEqual([100, 150, 150]);
  expect(inWords(account)).toContain('incomplete: 50 more reasons');
});

test('a summary in words names the run, every reason, and leaves out what was not measured', () => {
  const text = inWords(accountOf(summary, { runs: [aRun({ totalStfs: 5 })], unread }));
  expect(text).toContain('run 7: 3 STFs seen, 3 archived');
  expect(text).toContain('p50 12 ms, p99 –');
  expect(text).toContain('incomplete: run 7: 2 STFs of the 5 that end_run announced were never received');
});
