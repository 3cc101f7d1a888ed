import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  archiveFacts,
  choices,
  covered,
  interleaved,
  iso,
  isSetAside,
  logOf,
  revised,
  run,
  startMs,
  stfId,
  stories,
  tallyOf,
  workFacts,
} from '../../builders/a-tally-story.ts';

describe('the flow of STFs', () => {
  it('has in its backlogs what is announced and not archived, and archived and not settled', () => {
    fc.assert(
      fc.property(stories, choices, (all, order) => {
        const tally = tallyOf(
          interleaved(logOf('archive', all.flatMap(archiveFacts)), logOf('work', all.flatMap(workFacts)), order),
        );
        const free = all.filter(({ hold }) => !isSetAside(hold));
        const unarchived = free.filter(({ isArchived }) => !isArchived);
        const unprocessed = free.filter(({ isArchived, fate }) => isArchived && fate === 'waiting');
        const { archiving, processing } = tally.backlogs(startMs);
        expect([archiving.count, processing.count]).toEqual([unarchived.length, unprocessed.length]);
        expect(archiving.oldestAt).toBe(unarchived[0] && iso(unarchived[0].sequence));
        expect(processing.oldestAt).toBe(unprocessed[0] && iso(unprocessed[0].sequence));
      }),
    );
  });

  it('tells the rates of the last minute and whether the backlog grows, shrinks and when it is caught up with', () => {
    const archived = Array.from({ length: 90 }, (_, sequence) => sequence * 100).map((sequence) =>
      archiveFacts({ sequence, repeats: 0, isArchived: true, fate: 'waiting', hold: 'no' }),
    );
    const settled = (first: number, count: number, ms: number) =>
      Array.from({ length: count }, (_, at) => (first + at) * 100).map((sequence) => ({
        type: 'stf.processed',
        subject: stfId(sequence),
        data: { run, sequence, receivedAt: iso(sequence) },
        ms,
      }));
    const tally = tallyOf([...logOf('archive', archived.flat()), ...logOf('work', settled(0, 30, 9_000))]);
    expect(tally.rates(startMs + 30_000)).toEqual({
      windowS: 60,
      announcedHz: 1.5,
      archivedHz: 1.5,
      processedHz: 0.5,
    });
    expect(tally.backlogs(startMs + 15_000).processing).toMatchObject({ count: 60, trend: 'growing', perMinute: 180 });
    expect(tally.backlogs(startMs + 75_000).processing).toMatchObject({ count: 60, trend: 'steady', perMinute: 0 });
    const later = logOf('work', [...settled(0, 30, 9_000), ...settled(30, 40, 80_000)]).slice(30);
    for (const event of later) tally.apply(event);
    expect(tally.backlogs(startMs + 90_000).processing).toMatchObject({
      count: 20,
      trend: 'shrinking',
      perMinute: -120,
      catchUpS: 10,
    });
  });

  it('shows the state that the detector’s facet has, in the run of the last lifecycle message', () => {
    const changed = {
      type: 'run.changed',
      subject: 'prod_run_00102363',
      data: { run, phase: 'ended', state: 'beam', substate: 'not_ready' },
      ms: 2,
    };
    const tally = tallyOf(
      logOf('work', [
        changed,
        revised('detector', 2, 'calib/daq', 3),
        revised('detector', 1, 'beam/ready', 5),
        revised('stream', 1, 'silent', 4),
      ]),
    );
    expect(tally.ribbon()).toEqual({ run, phase: 'ended', state: 'calib', substate: 'daq', since: iso(3) });
    expect(tally.facets().map(({ facet, value }) => [facet, value])).toEqual([
      ['detector', 'calib/daq'],
      ['stream', 'silent'],
    ]);
  });

  it('shows the run that run control stands at, though something of another one came later', () => {
    const changed = (number: number, ms: number) => ({
      type: 'run.changed',
      subject: `prod_run_${String(number).padStart(8, '0')}`,
      data: { run: number, phase: 'ended' },
      ms,
    });
    const control = revised('run-control', 1, `run ${run} ended`, 3);
    const facts = [
      changed(run, 2),
      { ...control, data: { ...control.data, runId: 'prod_run_00102363' } },
      changed(7, 4),
    ];
    expect(tallyOf(logOf('work', facts)).ribbon()).toMatchObject({ run, phase: 'ended' });
  });

  it('counts an STF once, whatever is told of it again', () => {
    const told = { sequence: 1, repeats: 0, isArchived: true, fate: 'failed', hold: 'no' } as const;
    const again = { type: 'stf.processed', subject: stfId(1), data: { run, sequence: 1, receivedAt: iso(1) }, ms: 500 };
    const tally = tallyOf([
      ...logOf('archive', [...archiveFacts(told), ...archiveFacts(told)]),
      ...logOf('work', [...workFacts(told), again]),
    ]);
    expect(tally.rates(startMs)).toMatchObject({ announcedHz: 0.02, archivedHz: 0.02, processedHz: 0 });
    expect(tally.backlogs(startMs)).toMatchObject({ archiving: { count: 0 }, processing: { count: 0 } });
  });

  it('has no backlog that grew by more than it is, since what is held waits for a person', () => {
    const all = Array.from({ length: 10 }, (_, sequence) => ({ sequence, repeats: 0, isArchived: false }) as const);
    const archive = all.flatMap((told) => archiveFacts({ ...told, fate: 'waiting', hold: 'no' }));
    const held = all.slice(1).flatMap((told) => workFacts({ ...told, fate: 'waiting', hold: 'held' }));
    const tally = tallyOf([...logOf('archive', archive), ...logOf('work', held)]);
    expect(tally.backlogs(startMs).archiving).toMatchObject({ count: 1, trend: 'steady', perMinute: 3 });
  });

  it('does not wait for an STF whose held message was discarded, until another message brings it', () => {
    const told = { sequence: 1, repeats: 0, isArchived: false, fate: 'waiting', hold: 'no' } as const;
    const quarantine = (type: string, more = {}) => ({
      type,
      subject: 'prod_quarantine_1',
      data: { run, stfId: stfId(1), ...more },
      ms: 5,
    });
    const facts = [
      ...archiveFacts(told),
      quarantine('message.quarantined'),
      quarantine('message.replayed', { state: 'held' }),
      quarantine('message.discarded', { state: 'discarded' }),
      ...archiveFacts({ ...told, sequence: 1 }),
    ];
    const at = (count: number) => {
      const tally = tallyOf(logOf('archive', facts.slice(0, count)));
      return [tally.evidence(startMs).held.count, tally.backlogs(startMs).archiving.count, tally.waiting().count];
    };
    expect([1, 2, 3, 4, 5].map(at)).toEqual([
      [0, 1, 1],
      [1, 0, 0],
      [1, 0, 0],
      [0, 0, 0],
      [0, 1, 1],
    ]);
  });

  it('shrinks while it shrinks, whatever came in a burst before', () => {
    const archived = Array.from({ length: 153 }, (_, sequence) =>
      archiveFacts({ sequence, repeats: 0, isArchived: true, fate: 'waiting', hold: 'no' }),
    );
    const settled = Array.from({ length: 84 }, (_, sequence) => ({
      type: 'stf.processed',
      subject: stfId(sequence),
      data: { run, sequence, receivedAt: iso(sequence) },
      ms: 25_000 + sequence * 200,
    }));
    const tally = tallyOf([...logOf('archive', archived.flat()), ...logOf('work', settled)]);
    expect(tally.backlogs(startMs + 42_000).processing).toMatchObject({ count: 69, trend: 'shrinking' });
  });

  it('remembers what went wrong until it is settled, and knows what of it is recent', () => {
    const bad = { repeats: 2, isArchived: true, fate: 'failed', hold: 'held' } as const;
    const facts = [1, 2, 3].map((sequence) => ({ ...bad, sequence }));
    const good = { ...bad, sequence: 4, fate: 'processed', hold: 'no' } as const;
    const tally = tallyOf([
      ...logOf('archive', facts.flatMap(archiveFacts)),
      ...logOf('work', [...[...facts, good].flatMap(workFacts), covered(0, 200), covered(3, 201), covered(1, 300)]),
    ]);
    expect(tally.evidence(startMs + 60_000)).toEqual({
      lastStfMs: startMs + 3,
      held: { count: 3, recent: 3, firstMs: startMs + 1, lastCode: '' },
      notStored: { count: 0, firstMs: undefined, firstCode: undefined },
      failures: { count: 3, recent: 3, firstMs: startMs + 101, lastCode: '' },
      incomplete: { count: 3, firstMs: startMs + 31, lastName: 'swf.3' },
      gaps: [{ run, count: 1, sinceMs: startMs + 201 }],
      facilities: [
        { name: 'far', settled: 2, failed: { count: 2, firstMs: startMs + 91 } },
        { name: 'local', settled: 2, failed: { count: 1, firstMs: startMs + 92 } },
      ],
    });
    expect(tally.evidence(startMs + 3_700_000)).toMatchObject({
      held: { count: 3, recent: 0, firstMs: startMs + 1 },
      failures: { count: 3, recent: 0, firstMs: startMs + 101 },
      incomplete: { count: 0 },
    });
  });
});
