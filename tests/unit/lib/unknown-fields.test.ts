import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { commit } from '#lib/change';
import { jobs } from '#lib/records';
import { rememberUnknown, withUnknown } from '#lib/unknown-fields';
import { aDeps } from '../../builders/a-deps.ts';
import { aSubmittedJob } from '../../builders/a-job.ts';

const Known = z.object({
  id: z.string(),
  count: z.int(),
  note: z.string().optional(),
  parts: z.array(z.object({ name: z.string() })).optional(),
});

/** A document as a later papilio writes it: fields that are known here and others, at both depths. */
const later = fc.record(
  {
    id: fc.string(),
    count: fc.integer(),
    note: fc.string(),
    parts: fc.array(fc.record({ name: fc.string(), x: fc.jsonValue() }, { requiredKeys: ['name'] })),
    later: fc.jsonValue(),
    'more of it': fc.jsonValue(),
  },
  { requiredKeys: ['id', 'count'] },
);

const read = (raw: Readonly<Record<string, unknown>>) => {
  const parsed = Known.parse(raw);
  rememberUnknown(raw, parsed);
  return parsed;
};

test('what a later papilio wrote comes back with what this one changed, at every depth', () => {
  fc.assert(
    fc.property(later, fc.integer(), (raw, count) => {
      const stored = JSON.parse(JSON.stringify(raw));
      const changed = { ...read(stored), count };
      const { note: _, ...without } = changed;
      expect(JSON.parse(JSON.stringify(withUnknown(changed)))).toEqual({ ...stored, count });
      const { note: __, ...left } = stored;
      expect(JSON.parse(JSON.stringify(withUnknown(without)))).toEqual({ ...left, count });
    }),
  );
});

test('what is not known shows in no JSON and to nobody who reads fields', () => {
  const doc = read({ id: 'a', count: 1, later: 7, parts: [{ name: 'b', x: 1 }] });
  expect(JSON.stringify(doc)).toBe('{"id":"a","count":1,"parts":[{"name":"b"}]}');
  expect(Object.keys(doc)).toEqual(['id', 'count', 'parts']);
  expect(Known.parse(doc)).toEqual({ id: 'a', count: 1, parts: [{ name: 'b' }] });
});

test('a document in which all is known is written as it is', () => {
  const doc = read({ id: 'a', count: 1 });
  expect(withUnknown(doc)).toBe(doc);
});

test('a job that a later papilio wrote is taken on by an earlier one, and loses nothing', async () => {
  const deps = aDeps();
  const { jobId } = await aSubmittedJob(deps);
  const key = { pk: jobId, sk: jobs.name };
  const stored = await deps.store.get(key);
  if (stored === undefined) throw new RangeError('there is a job');
  const { version, indexes, doc } = stored;
  const attempts = Array.isArray(doc.attempts) ? doc.attempts.map((one: object) => ({ ...one, cabin: 'a3' })) : [];
  const write = { op: 'put' as const, ...key, ifVersion: version, doc: { ...doc, attempts, carbonG: 12 } };
  await deps.store.transact({ writes: [{ ...write, ...(indexes && { indexes }) }], events: [] });
  const job = await jobs.need(deps.store, jobId);
  await commit(deps, [], [jobs.put(jobId, { ...job.doc, state: 'succeeded' }, job.version)]);
  expect((await deps.store.get(key))?.doc).toEqual({ ...doc, attempts, carbonG: 12, state: 'succeeded' });
});
