import { expect, test } from 'vitest';
import { readConfig } from '#lib/config';
import { errorCatalogue } from '#lib/error-rows';
import { AttemptEnd } from '#schema/job';
import { attemptsMax, exitCorruptInput, exitMissingInput } from '../../../functions/jobs/policy.ts';
import { settle } from '../../../functions/jobs/settle.ts';

const endedAt = '2026-01-01T00:00:00.000Z';
const anEnd = (fields: Partial<AttemptEnd>): AttemptEnd => ({ outcome: 'failed', endedAt, ...fields });

/** Outcome, code, and the attempt after which it is given up. */
const table: readonly [AttemptEnd['outcome'], keyof typeof errorCatalogue, number][] = [
  ['succeeded', 'output-missing', 1],
  ['failed', 'payload-failed', 2],
  ['killed', 'payload-killed', 2],
  ['timeout', 'payload-timeout', 1],
  ['memory', 'payload-memory', 1],
  ['disk', 'payload-disk', 1],
  ['cancelled', 'payload-killed', 2],
  ['lost', 'payload-lost', 20],
];

test('the table has every outcome', () => {
  expect(table.map(([outcome]) => outcome).toSorted()).toEqual(AttemptEnd.shape.outcome.options.toSorted());
});

test.each(table)('%s without an output is %s, given up at attempt %i', (outcome, code, last) => {
  for (const attempt of [1, last - 1, last, last + 1].filter((one) => one >= 1)) {
    const verdict = settle(anEnd({ outcome, exitCode: 1 }), attempt, false);
    expect(verdict).toMatchObject({ code, decision: attempt < last ? 'retry' : 'fail' });
  }
});

test('a payload that ended well and left its output is registered, at any attempt', () => {
  for (const attempt of [1, 50])
    expect(settle(anEnd({ outcome: 'succeeded', exitCode: 0 }), attempt, true)).toMatchObject({
      decision: 'register',
      code: 'ok',
    });
});

test('an output beside a failure is not registered', () => {
  expect(settle(anEnd({ outcome: 'failed', exitCode: 3 }), 2, true)).toMatchObject({ decision: 'fail' });
});

test('a corrupt input is never read again', () => {
  const verdict = settle(
    anEnd({ outcome: 'failed', exitCode: exitCorruptInput, reason: 'TF 7: CRC differs' }),
    1,
    false,
  );
  expect(verdict).toEqual({ decision: 'fail', code: 'stf-corrupt', reason: 'TF 7: CRC differs', pauseS: 0 });
});

test('an input that is not there yet is looked for again after a rest, for longer than archiving waits for it', () => {
  const verdict = settle(anEnd({ outcome: 'failed', exitCode: exitMissingInput }), 1, false);
  expect(verdict).toMatchObject({ decision: 'retry', code: 'stf-file-missing' });
  const tries = attemptsMax['stf-file-missing'] ?? 0;
  expect(verdict.pauseS * (tries - 1)).toBeGreaterThan(readConfig({}).PAPILIO_FILE_WAIT_S);
  expect(settle(anEnd({ exitCode: exitMissingInput }), tries, false).decision).toBe('fail');
});

test.each([
  [anEnd({ outcome: 'failed', exitCode: 3 }), 'exit code 3'],
  [anEnd({ outcome: 'killed', signal: 'SIGSEGV' }), 'signal SIGSEGV'],
  [anEnd({ outcome: 'succeeded', exitCode: 0 }), 'exit code 0 and no output'],
  [anEnd({ outcome: 'lost' }), 'lost'],
  [anEnd({ outcome: 'timeout', reason: 'longer than 300 s' }), 'longer than 300 s'],
])('the reason is what is known of the end: %#', (end, reason) => {
  expect(settle(end, 1, false).reason).toBe(reason);
});

test('every reason to try again is a row of the error catalogue', () => {
  for (const code of Object.keys(attemptsMax)) expect(Object.keys(errorCatalogue)).toContain(code);
});
