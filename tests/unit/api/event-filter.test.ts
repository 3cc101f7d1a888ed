import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { facetsOf, testOf } from '../../../functions/api/event-filter.ts';
import type { Event, NewEvent } from '../../../functions/lib/schema/event.ts';
import { anEvent } from '../../builders/an-event.ts';

const logged = (changes: Partial<NewEvent>): Event => ({
  ...anEvent({ data: {}, ...changes }),
  seq: 1,
  hash: '0'.repeat(64),
});

it.each([
  ['data that say it', { data: { run: 102363 } }, 102363],
  ['the run that data name', { subject: 'prod_message_ab', data: { runId: 'prod_run_00102363' } }, 102363],
  ['an STF', { subject: 'prod_stf_00102363-00000001' }, 102363],
  ['a job, behind its wing and epoch', { subject: 'prod_job_bnl-1-00102363-00000001-p1' }, 102363],
  ['the merge of a run', { subject: 'prod_job_bnl-1-00102363-p1' }, 102363],
  ['what a command was about', { subject: 'prod_command_ab', data: { subject: 'prod_stf_00102363-00000001' } }, 102363],
  ['nothing that has a run', { subject: 'prod_period_00102363-cosmics' }, undefined],
  ['a hash that begins with digits', { subject: 'prod_quarantine_00102363' }, undefined],
  ['what is no id', { subject: '__proto__', data: { runId: 7, stfId: null } }, undefined],
])('the run of an event comes out of %s', (_, changes, run) => {
  expect(facetsOf(logged(changes)).run).toBe(run);
});

it.each([
  ['the facility where a job ran', { type: 'job.settled', data: { facility: 'local' } }, { facility: 'local' }],
  ['a facility itself', { type: 'facility.changed', data: { name: 'local', slots: 4 } }, { facility: 'local' }],
  [
    'a period, whose name is no facility',
    { type: 'period.named', data: { name: 'local', namedBy: 'ada' } },
    { facility: undefined, owner: 'ada' },
  ],
  ['who asked for it', { type: 'command.done', data: { who: 'ada' } }, { owner: 'ada' }],
  [
    'whose it is, rather than who asked',
    { type: 'token.revoked', data: { who: 'ada', owner: 'bob' } },
    { owner: 'bob' },
  ],
])('an event is known by %s', (_, changes, facets) => {
  expect(facetsOf(logged(changes))).toMatchObject(facets);
});

it.each([
  ['stf', ['stf.archived', 'stf.failed']],
  ['stf.', ['stf.archived', 'stf.failed']],
  ['stf.failed, run', ['stf.failed', 'run.changed']],
  [',', ['stf.archived', 'stf.failed', 'run.changed', 'runs.other']],
  ['st', []],
])('type %s lets %o pass', (type, passing) => {
  const { fits } = testOf({ type });
  const types = ['stf.archived', 'stf.failed', 'run.changed', 'runs.other'];
  expect(types.filter((each) => fits(facetsOf(logged({ type: each }))))).toEqual(passing);
});

test('filters with the same key choose the same events', () => {
  const words = fc.constantFrom('a', 'b');
  const filter = fc.record(
    { type: fc.constantFrom('stf,run', 'run, stf', 'run'), run: fc.constantFrom(1, 2), owner: words, facility: words },
    { requiredKeys: [] },
  );
  const logs = fc
    .record({ type: fc.constantFrom('stf.a', 'run.b'), run: fc.constantFrom(1, 2), owner: words, facility: words })
    .map(({ type, ...data }) => facetsOf(logged({ type, data })));
  fc.assert(
    fc.property(filter, filter, logs, (one, other, facets) => {
      const a = testOf(one);
      const b = testOf(other);
      fc.pre(a.key === b.key);
      expect(a.fits(facets)).toBe(b.fits(facets));
    }),
  );
});
