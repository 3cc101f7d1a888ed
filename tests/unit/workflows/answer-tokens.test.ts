import { expect, test } from 'vitest';
import { commit } from '#lib/change';
import { outbox } from '#lib/records';
import { answerTokens } from '../../../functions/workflows/answer-tokens.fn.ts';
import { aDeps, type TestDeps } from '../../builders/a-deps.ts';
import { dyingAt } from '../../builders/a-deps-crash.ts';

const withRows = async (deps: TestDeps, ...tokens: string[]) => {
  for (const token of tokens) {
    const row = { id: `test_outbox_${token}`, token, answer: { kind: 'success' as const, output: { token } } };
    await commit(deps, [], [outbox.put(row.id, row, 0)]);
  }
};

test('what a crash cut off is answered, each once', async () => {
  const deps = aDeps();
  await withRows(deps, 't1', 't2', 't3');
  await deps.machines.succeed('t2', { token: 'before the crash' });
  expect(await answerTokens.run({}, deps)).toEqual({ answered: 3, failed: 0 });
  expect(deps.machines.answers.get('t1')).toEqual({ kind: 'success', output: { token: 't1' } });
  expect(deps.machines.answers.get('t2')).toEqual({ kind: 'success', output: { token: 'before the crash' } });
  expect((await outbox.list(deps.store, 'i1', 'outbox')).items).toEqual([]);
});

test('one that cannot be answered stays for the next time, and holds up no other', async () => {
  const deps = aDeps();
  await withRows(deps, 't1', 't2');
  const { deps: dying } = dyingAt(deps, 1, 'before');
  const first = await answerTokens.run({}, dying);
  expect(first.failed).toBeGreaterThan(0);
  const rest = await answerTokens.run({}, deps);
  expect(rest).toEqual({ answered: first.failed, failed: 0 });
  expect([...deps.machines.answers.keys()].toSorted()).toEqual(['t1', 't2']);
});

test('two at once answer each token once', async () => {
  const deps = aDeps();
  await withRows(deps, 't1', 't2');
  await Promise.all([answerTokens.run({}, deps), answerTokens.run({}, deps)]);
  expect(deps.machines.answers.size).toBe(2);
  expect(await answerTokens.run({}, deps)).toEqual({ answered: 0, failed: 0 });
});
