import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differenceOf, snapshotOf } from '#lib/model/snapshot';

const doc = fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 2 }), {
  maxKeys: 6,
  noNullPrototype: true,
});

describe('what an act has changed', () => {
  it('is the fields that are not the same, as they were and as they are', () => {
    const was = snapshotOf([{ kind: 'job', doc: { state: 'waiting', task: 'stf-hits', attempts: [] } }]);
    const is = snapshotOf([
      { kind: 'job', doc: { state: 'cancelled', task: 'stf-hits', attempts: [], cancelled: { by: 'anna' } } },
      { kind: 'explain', doc: { chosen: 'bnl' } },
    ]);
    expect(differenceOf(was, is)).toEqual({
      before: { 'job.state': 'waiting' },
      after: { 'job.state': 'cancelled', 'job.cancelled': { by: 'anna' }, 'explain.chosen': 'bnl' },
    });
  });

  it('is nothing where nothing has changed, and what was there is told apart by it', () => {
    fc.assert(
      fc.property(doc, doc, (one, other) => {
        const [was, is] = [snapshotOf([{ kind: 'a', doc: one }]), snapshotOf([{ kind: 'a', doc: other }])];
        expect(differenceOf(was, was)).toEqual({ before: {}, after: {} });
        const { before, after } = differenceOf(was, is);
        const unchanged = Object.keys(was).filter((field) => !(field in before));
        for (const field of unchanged) expect(is[field]).toEqual(was[field]);
        expect({ ...Object.fromEntries(unchanged.map((field) => [field, was[field]])), ...after }).toEqual(is);
      }),
    );
  });

  it('of a long field is seen, without the field being kept', () => {
    const long = (end: string) => snapshotOf([{ kind: 'quarantine', doc: { raw: `${'x'.repeat(100_000)}${end}` } }]);
    const { before, after } = differenceOf(long('a'), long('b'));
    expect(before['quarantine.raw']).toMatch(/^100003 bytes, sha256 [0-9a-f]{16}…$/);
    expect(after['quarantine.raw']).not.toBe(before['quarantine.raw']);
  });

  it('never shows a secret’s hash, and no more fields than a line has room for', () => {
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, nth) => [`f${nth}`, nth]));
    const kept = snapshotOf([{ kind: 'token', doc: { hashSha256: '0'.repeat(64), ...many } }]);
    expect(JSON.stringify(kept)).not.toContain('hashSha256');
    expect(Object.keys(kept)).toHaveLength(200);
  });
});
