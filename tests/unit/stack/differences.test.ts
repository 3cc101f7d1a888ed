import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countOf, differencesOf } from '../../../local/stack/records/differences.ts';
import type { Kept, KeptRecord } from '../../../local/stack/records/kept.ts';
import { without } from '../../../local/stack/records/moments.ts';

const kept = (records: readonly KeptRecord[], some: Partial<Kept> = {}): Kept => ({
  records,
  archive: [],
  outputs: [],
  ...some,
});
const stf = (doc: object, key = 'test_stf_1'): KeptRecord => ({ plane: 'work', noun: 'stf', key, doc });

test('what is of the moment makes no difference, all else does', () => {
  const one = kept([stf({ processing: 'processed', receivedAt: '2026-11-26T08:00:00.000Z', tfs: [1, 2] })]);
  const later = kept([stf({ processing: 'processed', receivedAt: '2026-11-26T09:00:00.000Z', tfs: [1, 2] })]);
  expect(differencesOf(one, later)).toEqual([]);
  const other = kept([stf({ processing: 'failed', tfs: [1, 3, 4] })]);
  expect(differencesOf(one, other)).toEqual([
    'work stf test_stf_1.processing: "processed", "failed"',
    'work stf test_stf_1.tfs.1: 2, 3',
    'work stf test_stf_1.tfs.2: nothing, 4',
  ]);
});

test('records and objects that only one has are told', () => {
  const facts = { sizeBytes: 1 };
  const one = kept([stf({})], { archive: [{ key: 'a', facts }] });
  const other = kept([stf({}, 'test_stf_2')], { outputs: [{ key: 'a', facts }] });
  expect(differencesOf(one, other)).toEqual([
    'archive object a: only the first has it',
    'outputs object a: only the second has it',
    'work stf test_stf_1: only the first has it',
    'work stf test_stf_2: only the second has it',
  ]);
});

test('a message that waited in quarantine for the one before it makes no difference; one that is still there does', () => {
  const waited = (state: string): KeptRecord => ({
    plane: 'work',
    noun: 'quarantine',
    key: 'q',
    doc: { state, problem: { code: 'state-transition-illegal' } },
  });
  expect(differencesOf(kept([]), kept([waited('released')]))).toEqual([]);
  expect(differencesOf(kept([]), kept([waited('open')]))).toEqual(['work quarantine q: only the second has it']);
});

test('requests to the interface are not counted as compared', () => {
  const usage: KeptRecord = { plane: 'work', noun: 'usage', key: 'u', doc: {} };
  expect(countOf(kept([stf({}), usage], { archive: [{ key: 'a', facts: {} }] }))).toEqual({ records: 1, objects: 1 });
});

test('nothing differs from itself, and any other leaf is found', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.jsonValue()), fc.string(), (doc, text) => {
      const one = kept([stf({ ...doc, planted: { deep: [0, `was ${text}`] } })]);
      const other = kept([stf({ ...doc, planted: { deep: [0, `is ${text}`] } })]);
      expect(differencesOf(one, one)).toEqual([]);
      expect(differencesOf(one, other)).toHaveLength(1);
    }),
  );
});

test('a path is left out wherever it leads, and nothing beside it', () => {
  const doc = { steps: [{ at: 1, name: 'a' }, { at: 2 }, 'odd'], at: 3 };
  expect(without(doc, ['steps', '[]', 'at'])).toEqual({ steps: [{ name: 'a' }, {}, 'odd'], at: 3 });
  expect(without(doc, ['nowhere', '[]', 'at'])).toEqual(doc);
});
