import { expect, test } from 'vitest';
import { change, commit, untilNoConflict } from '#lib/change';
import { PapilioError } from '#lib/errors';
import { answerRow } from '#lib/outbox';
import { outbox, progresses } from '#lib/records';
import { isComplete, tellIfComplete } from '#lib/run-complete';
import { aDeps } from '../../builders/a-deps.ts';
import { dyingAt, Killed } from '../../builders/a-deps-crash.ts';

const progress = { runId: 'test_run_00000001', catalogued: 1, processed: 0, failed: 0 };

test('a record’s version and its event are one to one', async () => {
  const deps = aDeps({ environment: { PAPILIO_WING: 'jlab', PAPILIO_EPOCH: '3', PAPILIO_BUILD: 'b7' } });
  for (const version of [0, 1]) {
    const write = progresses.put('test_run_00000001', progress, version);
    const fact = { type: 'run.counted', cause: 'c', by: 'me', data: { a: 1 } };
    await commit(deps, [change(deps, 'test_run_00000001', write, fact)]);
  }
  expect(await deps.events()).toMatchObject([
    { id: 'test_run_00000001_jlab-work-1', version: 1, source: '/test/jlab/work', epoch: 3, build: 'b7', cause: 'c' },
    { id: 'test_run_00000001_jlab-work-2', version: 2, time: '2026-01-01T00:00:00.000Z', by: 'me', data: { a: 1 } },
  ]);
});

test('nothing to write is no transaction', async () => {
  const deps = aDeps();
  const { deps: dying, steps } = dyingAt(deps, 0, 'before');
  await commit(dying, []);
  expect(steps.passed).toBe(0);
});

test('who was first is not overwritten, and the loser starts from a fresh load', async () => {
  const deps = aDeps();
  const countUp = () =>
    untilNoConflict(async () => {
      const known = await progresses.get(deps.store, progress.runId);
      const catalogued = (known?.doc.catalogued ?? 0) + 1;
      await commit(deps, [], [progresses.put(progress.runId, { ...progress, catalogued }, known?.version ?? 0)]);
    });
  await Promise.all(Array.from({ length: 15 }, countUp));
  expect((await progresses.need(deps.store, progress.runId)).doc.catalogued).toBe(15);
});

test('any other error is not tried again, and a conflict not for ever', async () => {
  let calls = 0;
  const failing = (error: Error) => async () => {
    calls += 1;
    throw error;
  };
  await expect(untilNoConflict(failing(new PapilioError('store-full', 'x')))).rejects.toMatchObject({
    code: 'store-full',
  });
  expect(calls).toBe(1);
  await expect(untilNoConflict(failing(new PapilioError('store-conflict', 'x')))).rejects.toMatchObject({
    code: 'store-conflict',
  });
  expect(calls).toBe(21);
});

test('a row of the outbox goes only after its token was answered', async () => {
  const deps = aDeps();
  const rows = [
    { id: 'test_outbox_1', token: 't1', answer: { kind: 'success' as const, output: { a: 1 } } },
    { id: 'test_outbox_2', token: 't2', answer: { kind: 'failure' as const, error: 'Invalid', cause: 'why' } },
  ];
  for (const row of rows) {
    await commit(deps, [], [outbox.put(row.id, row, 0)]);
    const stored = { doc: row, version: 1 };
    await expect(answerRow(stored, 'test', dyingAt(deps, 0, 'before').deps)).rejects.toBeInstanceOf(Killed);
    expect(await outbox.get(deps.store, row.id)).toBeDefined();
    await expect(answerRow(stored, 'test', dyingAt(deps, 0, 'after').deps)).rejects.toBeInstanceOf(Killed);
    expect(await outbox.get(deps.store, row.id)).toBeDefined();
    await Promise.all([answerRow(stored, 'test', deps), answerRow(stored, 'test', deps)]);
    expect(await outbox.get(deps.store, row.id)).toBeUndefined();
  }
  expect([...deps.machines.answers]).toEqual([
    ['t1', { kind: 'success', output: { a: 1 } }],
    ['t2', { kind: 'failure', error: 'Invalid', cause: 'why' }],
  ]);
});

test.each([
  { phase: 'ended', totalStfs: 2, catalogued: 2, processed: 1, failed: 1, expected: true },
  { phase: 'ended', totalStfs: 2, catalogued: 2, processed: 2, failed: 0, expected: true },
  { phase: 'ended', totalStfs: 2, catalogued: 1, processed: 1, failed: 0, expected: false },
  { phase: 'ended', totalStfs: 2, catalogued: 3, processed: 2, failed: 0, expected: false },
  { phase: 'ended', totalStfs: 0, catalogued: 0, processed: 0, failed: 0, expected: true },
  { phase: 'physics', totalStfs: 2, catalogued: 2, processed: 2, failed: 0, expected: false },
] as const)('a run is complete when it has ended and each of its STFs has settled: $expected for %o', (row) => {
  const { expected, phase, totalStfs, catalogued, processed, failed } = row;
  const run = { id: 'r', run: 1, phase, totalStfs };
  expect(isComplete(run, { runId: 'r', catalogued, processed, failed })).toBe(expected);
});

test('a run that does not say how many STFs it had is never complete', () => {
  const run = { id: 'r', run: 1, phase: 'ended' as const };
  expect(isComplete(run, { runId: 'r', catalogued: 5, processed: 5, failed: 0 })).toBe(false);
});

test('a run of which nothing is known is not complete, and nobody is told', async () => {
  const deps = aDeps();
  expect(await tellIfComplete('test_run_00000001', deps)).toBe(false);
  expect(deps.machines.answers.size).toBe(0);
});
