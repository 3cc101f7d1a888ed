import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuditLine } from '#schema/audit';
import { refusalsMost } from '../../../functions/access/policy.ts';
import { createRefusals } from '../../../functions/access/refusals.ts';

const aLine = (changes: Partial<AuditLine> = {}): AuditLine => ({
  id: 'prod_audit_1',
  at: '2026-01-01T00:00:00.000Z',
  by: 'victor',
  action: 'job.cancel',
  subject: 'prod_job_1',
  outcome: 'denied',
  count: 1,
  plane: 'front',
  ...changes,
});
const gathered = () => createRefusals(({ at }) => aLine({ id: 'more', at, by: 'papilio', action: 'audit.gather' }));
const total = (lines: readonly AuditLine[]) => lines.reduce((sum, { count }) => sum + count, 0);

describe('refused acts', () => {
  it('are counted, each one, however many there are and whatever they are', () => {
    const some = fc.record({
      by: fc.constantFrom('victor', 'mallory', 'papilio'),
      action: fc.constantFrom('job.cancel', 'audit.gather'),
      subject: fc.nat(500).map((nth) => `prod_job_${nth}`),
    });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 600, size: 'max' }), (tries) => {
        const refusals = gathered();
        for (const one of tries) refusals.add(aLine(one));
        const lines = refusals.take();
        expect(total(lines)).toBe(tries.length);
        expect(lines.length).toBeLessThanOrEqual(refusalsMost + 1);
        expect(refusals.take()).toEqual([]);
      }),
    );
  });

  it('that could not be told are told with those that came since', () => {
    const refusals = gathered();
    refusals.add(aLine());
    const untold = refusals.take();
    refusals.add(aLine({ id: 'prod_audit_2', at: '2026-01-01T00:00:05.000Z' }));
    refusals.putBack(untold);
    expect(refusals.take()).toEqual([expect.objectContaining({ count: 2 })]);
  });

  it('take no place of acts that were let pass: each is told, with the last word on it', () => {
    const gatheredHere = gathered();
    for (let nth = 0; nth < 2 * refusalsMost; nth++) gatheredHere.add(aLine({ subject: `prod_job_${nth}` }));
    gatheredHere.add(aLine({ id: 'prod_audit_a', outcome: 'begun' }));
    const untold = gatheredHere.take();
    gatheredHere.add(aLine({ id: 'prod_audit_a', outcome: 'done' }));
    gatheredHere.add(aLine({ id: 'prod_audit_b', outcome: 'refused' }));
    gatheredHere.putBack(untold);
    const passed = gatheredHere.take().filter(({ outcome }) => outcome !== 'denied');
    expect(passed.map(({ id, outcome }) => [id, outcome])).toEqual([
      ['prod_audit_a', 'done'],
      ['prod_audit_b', 'refused'],
    ]);
  });

  it('of different people, acts, things and reasons are lines of their own', () => {
    const refusals = gathered();
    const others: Partial<AuditLine>[] = [
      {},
      { by: 'mallory' },
      { action: 'job.retry' },
      { subject: 'prod_job_2' },
      { problem: { code: 'role-missing', reason: 'has no role' } },
    ];
    for (const other of [...others, ...others]) refusals.add(aLine(other));
    expect(refusals.take().map(({ count }) => count)).toEqual(others.map(() => 2));
  });
});
