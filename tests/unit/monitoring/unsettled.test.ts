import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHeld, type Held } from '../../../functions/monitoring/held.ts';
import { archiveFacts, iso, logOf, run, startMs, stfId, tallyOf } from '../../builders/a-tally-story.ts';

const hourMs = 3_600_000;
const announced = (sequence: number, isArchived = false) =>
  archiveFacts({ sequence, repeats: 0, isArchived, fate: 'waiting', hold: 'no' });
const quarantine = (type: string, sequence: number, ms: number, more = {}) => ({
  type,
  subject: `prod_quarantine_${sequence}`,
  data: { run, stfId: stfId(sequence), code: 'stf-corrupt', ...more },
  ms,
});
const failed = (sequence: number, ms: number, code = 'payload-failed') => ({
  type: 'stf.failed',
  subject: stfId(sequence),
  data: { run, sequence, code },
  ms,
});
const processed = (sequence: number, ms: number) => ({
  type: 'stf.processed',
  subject: stfId(sequence),
  data: { run, sequence, receivedAt: iso(sequence) },
  ms,
});

describe('an STF that is announced and not stored', () => {
  const held = [...announced(1), quarantine('message.quarantined', 1, 50)];
  const notStored = (facts: Parameters<typeof logOf>[1], plane: 'archive' | 'work' = 'archive') => {
    const tally = tallyOf(logOf(plane, facts));
    return [tally.figures(run).stfs.notStored ?? 0, tally.evidence(startMs + 2 * hourMs).notStored.count];
  };

  it('counts from the moment when the archive plane holds it, for as long as it is held', () => {
    expect(notStored(announced(1))).toEqual([0, 0]);
    expect(notStored(held)).toEqual([1, 1]);
    expect(tallyOf(logOf('archive', held)).evidence(startMs).notStored).toMatchObject({
      firstMs: startMs + 50,
      firstCode: 'stf-corrupt',
    });
  });

  it.each([
    ['its file is archived after all', [...announced(1, true).slice(1)]],
    ['its message is released', [quarantine('message.released', 1, 60)]],
    ['its message is sent again and can be read', [quarantine('message.replayed', 1, 60, { state: 'released' })]],
    ['a person discards it', [quarantine('message.discarded', 1, 60)]],
  ])('counts no more when %s', (_, more) => {
    expect(notStored([...held, ...more])).toEqual([0, 0]);
  });

  it('counts on while it is sent again in vain, and once, however often it is held', () => {
    const again = quarantine('message.replayed', 1, 60, { state: 'held' });
    expect(notStored([...held, again, quarantine('message.quarantined', 1, 70)])).toEqual([1, 1]);
    const other = { ...quarantine('message.quarantined', 1, 80), subject: 'prod_quarantine_other' };
    expect(notStored([...held, other])).toEqual([1, 1]);
    expect(notStored([...held, other, quarantine('message.released', 1, 90)]), 'the other is held still').toEqual([
      1, 1,
    ]);
  });

  it('is none that the work plane holds, nor one that is stored and announced again', () => {
    expect(notStored(held, 'work')).toEqual([0, 0]);
    expect(notStored([...announced(1, true), quarantine('message.quarantined', 1, 99)])).toEqual([0, 0]);
  });
});

describe('STFs that could not be processed', () => {
  const failures = (facts: Parameters<typeof logOf>[1], atMs: number) =>
    tallyOf(logOf('work', facts)).evidence(startMs + atMs).failures;

  it('count once each, however often they are retried in vain', () => {
    expect(failures([failed(1, 10), failed(2, 20), failed(1, 30)], 60_000)).toMatchObject({ count: 2, recent: 2 });
  });

  it('stay until they are processed, since the first of those that are left', () => {
    const facts = [failed(1, 10), failed(2, 20), processed(2, 30)];
    expect(failures(facts, 30 * hourMs)).toMatchObject({ count: 1, recent: 0, firstMs: startMs + 10 });
    expect(failures([...facts, processed(1, 40)], 30 * hourMs)).toMatchObject({ count: 0, firstMs: undefined });
  });

  it('are none that a person cancelled, also one that had failed before', () => {
    expect(failures([failed(1, 10, 'job-cancelled')], 60_000)).toMatchObject({ count: 0, recent: 0 });
    expect(failures([failed(1, 10), failed(1, 20, 'job-cancelled')], 60_000)).toMatchObject({ count: 0 });
    expect(failures([failed(1, 10, 'job-cancelled'), failed(1, 20)], 60_000)).toMatchObject({ count: 1 });
  });
});

/** What a list of held messages tells. */
const factsOf = (list: readonly Held[], nowMs: number) => {
  const distinct = (some: readonly Held[]) => new Set(some.map(({ id }) => id)).size;
  return {
    count: distinct(list),
    ofRun: distinct(list.filter(({ run: of }) => of === 1)),
    holdsStf: list.some(({ stfId: of }) => of === 'stf1'),
    recent: distinct(list.filter(({ atMs }) => atMs > nowMs - hourMs)),
    firstMs: list.length === 0 ? undefined : Math.min(...list.map(({ atMs }) => atMs)),
  };
};

describe('messages in quarantine', () => {
  const steps = fc.array(
    fc.record({
      plane: fc.constantFrom('/archive', '/work'),
      id: fc.integer({ min: 1, max: 6 }),
      isHeld: fc.boolean(),
      afterMs: fc.integer({ min: 0, max: hourMs / 2 }),
    }),
    { maxLength: 40 },
  );

  it('are counted as a list of them would be, by message, run, STF and hour', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const held = createHeld();
        const known = new Map<string, Held>();
        let nowMs = startMs;
        for (const { plane, id, isHeld, afterMs } of all) {
          nowMs += afterMs;
          const key = `${plane} q${id}`;
          const one: Held = { id: `q${id}`, run: id % 2, stfId: `stf${id % 3}`, atMs: nowMs, code: 'x' };
          known.delete(key);
          held.delete(key);
          if (!isHeld) continue;
          known.set(key, one);
          held.set(key, one);
        }
        const { count, recent, firstMs } = held.facts(nowMs);
        const facts = { count, ofRun: held.count(1), holdsStf: held.isStfHeld('stf1'), recent, firstMs };
        expect(facts).toEqual(factsOf([...known.values()], nowMs));
        expect(held.count(undefined)).toBe(count);
        expect(new Map(held.entries())).toEqual(known);
      }),
    );
  });
});
