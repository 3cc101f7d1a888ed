import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createIds } from '#lib/ids';
import { makeId, nounIdFrom, ownNameOf, readId, runIdFrom, stfIdFrom } from '#lib/model/ids';
import { Id } from '#schema/id';

const ids = createIds('prod', 'bnl', 1);
const instance = fc.constantFrom('prod', 'test', 'dev-anna', `dev-${'x'.repeat(20)}`);
const noun = fc.constantFrom('run', 'stf', 'message', 'output', 'exec', 'job', 'attempt', 'bundle', 'quarantine');
const word = fc.stringMatching(/^[A-Za-z0-9-]{1,120}$/);

test('what is made is read again', () => {
  fc.assert(
    fc.property(instance, noun, word, (of, what, name) => {
      const id = makeId(of, what, name);
      expect(id.length).toBeLessThanOrEqual(80);
      expect(readId(id)).toMatchObject({ instance: of, noun: what });
      if (`${of}_${what}_${name}`.length <= 80) expect(readId(id)?.name).toBe(name);
    }),
  );
});

test('any name gives an id that is key, file name and URL segment', () => {
  fc.assert(
    fc.property(instance, noun, fc.string({ minLength: 1, maxLength: 300, unit: 'binary' }), (of, what, name) => {
      expect(makeId(of, what, name)).toMatch(/^[A-Za-z0-9_-]{1,80}$/);
      expect(Id.safeParse(makeId(of, what, name)).success).toBe(true);
    }),
  );
});

test('long names that differ only at their end stay apart', () => {
  const long = 'x'.repeat(100);
  expect(makeId('prod', 'output', `${long}a`)).not.toBe(makeId('prod', 'output', `${long}b`));
  expect(makeId('prod', 'output', `${long}a`)).toBe(makeId('prod', 'output', `${long}a`));
});

test('run, STF and all that papilio makes are named as the design says', () => {
  const job = ids.job('00102363-00000001-p1');
  expect(ids.run(102_363)).toBe('prod_run_00102363');
  expect(ids.stf(102_363, 1)).toBe('prod_stf_00102363-00000001');
  expect(job).toBe('prod_job_bnl-1-00102363-00000001-p1');
  expect(ids.attempt(job, 2)).toBe('prod_attempt_bnl-1-00102363-00000001-p1-a2');
  expect(ids.jobOf(ids.attempt(job, 2))).toBe(job);
  expect(ids.bundleOf(ids.attempt(job, 2))).toBe('prod_bundle_bnl-1-00102363-00000001-p1-a2');
  expect(ids.exec('stf-00102363-00000001-p1')).toBe('prod_exec_bnl-1-stf-00102363-00000001-p1');
  expect(ownNameOf(job)).toBe('00102363-00000001-p1');
});

test('a job and its attempts belong together, whatever they are called', () => {
  fc.assert(
    fc.property(fc.nat(99_999_999), fc.nat(99_999_999), fc.integer({ min: 1, max: 99 }), (run, sequence, attempt) => {
      const longest = createIds(`dev-${'x'.repeat(20)}`, 'jlab', 1_000_000);
      const job = longest.job(`${String(run).padStart(8, '0')}-${String(sequence).padStart(8, '0')}-p1`);
      const attemptId = longest.attempt(job, attempt);
      expect(longest.jobOf(attemptId)).toBe(job);
      expect(Id.safeParse(attemptId).success).toBe(true);
      expect(Id.safeParse(longest.bundleOf(attemptId)).success).toBe(true);
      expect(Id.safeParse(longest.of('quarantine', '0'.repeat(32))).success).toBe(true);
    }),
  );
});

describe('what people type', () => {
  test.each([
    ['102363', 'prod_run_00102363'],
    ['00102363', 'prod_run_00102363'],
    ['run_00102363', 'prod_run_00102363'],
    ['prod_run_00102363', 'prod_run_00102363'],
    ['test_run_00102363', 'test_run_00102363'],
  ])('run %s', (typed, id) => expect(runIdFrom(typed, 'prod')).toBe(id));

  test.each([
    ['swf.102363.000001.stf', 'prod_stf_00102363-00000001'],
    ['swf.00102363.000001.stf', 'prod_stf_00102363-00000001'],
    ['00102363-00000001', 'prod_stf_00102363-00000001'],
    ['stf_00102363-00000001', 'prod_stf_00102363-00000001'],
    ['prod_stf_00102363-00000001', 'prod_stf_00102363-00000001'],
  ])('STF %s', (typed, id) => expect(stfIdFrom(typed, 'prod')).toBe(id));

  test.each([
    '',
    ' ',
    '../../x',
    'prod_run_../../x',
    'prod_run_',
    '_run_1',
    'prod__run_1',
    'prod_job_1',
    'prod_stf_1\n',
    'swf.1.1.stf',
    'swf.102363.000001.stf/..',
    '-1',
    '1e3',
    '123456789',
    '__proto__',
    'constructor',
    'prod_run_é',
  ])('%j is neither run nor STF', (typed) => {
    expect(runIdFrom(typed, 'prod')).toBeUndefined();
    if (!typed.includes('_stf_')) expect(stfIdFrom(typed, 'prod')).toBeUndefined();
  });

  test('random text is an id of the noun or nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (typed) => {
        // One that is longer than any is read, and there is nothing of that name.
        for (const found of [
          runIdFrom(typed, 'prod'),
          stfIdFrom(typed, 'prod'),
          nounIdFrom(typed, 'job', 'prod'),
          nounIdFrom(`job_${typed}`, 'job', 'prod'),
        ])
          if (found !== undefined) expect(Id.safeParse(found.slice(0, 80)).success).toBe(true);
      }),
    );
  });
});
