import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  archiveFacts,
  choices,
  count,
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
  type Told,
  tallyOf,
  workFacts,
} from '../../builders/a-tally-story.ts';

describe('the tally', () => {
  it('counts what the stories say, however the two logs interleave and repeat themselves', () => {
    fc.assert(
      fc.property(stories, choices, (all, order) => {
        const tally = tallyOf(
          interleaved(logOf('archive', all.flatMap(archiveFacts)), logOf('work', all.flatMap(workFacts)), order),
        );
        const repeats = all.reduce((sum, told) => sum + told.repeats, 0);
        const held = count(all, ({ hold }) => hold === 'held');
        expect(tally.figures(run)).toMatchObject({
          stfs: {
            seen: all.length,
            archived: count(all, ({ isArchived }) => isArchived),
            processed: count(all, ({ fate }) => fate === 'processed'),
            failed: count(all, ({ fate }) => fate === 'failed'),
            quarantined: held,
          },
          messages: { seen: all.length + repeats, duplicate: repeats, quarantined: held },
        });
        expect(tally.waiting().count).toBe(count(all, ({ fate, hold }) => fate === 'waiting' && !isSetAside(hold)));
      }),
    );
  });

  it('blames no facility for an input that is damaged', () => {
    const attempt = (sequence: number, subject: string, code: string) => [
      {
        ...{ type: 'stf.catalogued', subject: stfId(sequence), ms: 0 },
        data: { run, sequence, receivedAt: iso(0), jobId: subject },
      },
      { type: 'job.assigned', subject, data: { facility: 'local' }, ms: 1 },
      { type: 'job.settled', subject, data: { outcome: 'failed', code }, ms: 2 },
    ];
    const work = [...attempt(1, 'prod_job_1', 'stf-corrupt'), ...attempt(2, 'prod_job_2', 'payload-failed')];
    const { facilities } = tallyOf(logOf('work', work)).evidence(startMs + 1_000);
    expect(facilities).toMatchObject([{ name: 'local', settled: 2, failed: { count: 1 } }]);
  });

  it('is the same for every interleaving, latencies and waiting included', () => {
    fc.assert(
      fc.property(stories, choices, fc.integer({ min: 0, max: 90_000 }), (all, order, laterMs) => {
        const nowMs = startMs + laterMs;
        const facets = all.map(({ fate }, at) => revised('processing', at + 1, fate, at));
        const [archive, work] = [
          logOf('archive', all.flatMap(archiveFacts)),
          logOf('work', [...all.flatMap(workFacts), ...facets, covered(2, 9), covered(1, 10)]),
        ];
        const one = tallyOf([...work, ...archive]);
        const other = tallyOf(interleaved(archive, work, order));
        expect(other.figures()).toEqual(one.figures());
        expect(other.summary(run)).toEqual(one.summary(run));
        expect(other.waiting()).toEqual(one.waiting());
        expect(other.rates(nowMs)).toEqual(one.rates(nowMs));
        expect(other.backlogs(nowMs)).toEqual(one.backlogs(nowMs));
        expect(other.evidence(nowMs)).toEqual(one.evidence(nowMs));
        expect(other.facets()).toEqual(one.facets());
      }),
    );
  });

  it('measures each hop from the step before it, and the whole way from the message', () => {
    const told: Told = { sequence: 1, repeats: 0, isArchived: true, fate: 'processed', hold: 'no' };
    const { hops, latencyMs } = tallyOf([
      ...logOf('archive', archiveFacts(told)),
      ...logOf('work', workFacts(told)),
    ]).figures(run);
    expect(hops.map(({ name, p50Ms }) => [name, p50Ms])).toEqual([
      ['archived', 30],
      ['catalogued', 5],
      ['assigned', 2],
      ['submitted', 3],
      ['settled', 80],
      ['processed', 10],
    ]);
    expect(latencyMs).toEqual({ p50: 100, p99: 100 });
  });

  it('moves an STF that failed and was processed after all', () => {
    const facts = workFacts({ sequence: 1, repeats: 0, isArchived: false, fate: 'failed', hold: 'no' });
    const again = { type: 'stf.processed', subject: stfId(1), data: { run, sequence: 1, receivedAt: iso(1) }, ms: 500 };
    const { stfs } = tallyOf(logOf('work', [...facts, again])).figures(run);
    expect(stfs).toMatchObject({ processed: 1, failed: 0 });
  });

  it('counts an output once and tells the last state that the DAQ spoke of', () => {
    const output = (name: string, version = 1) => ({
      type: 'output.registered',
      subject: name,
      data: { run, name, sizeBytes: 3, checksumAdler32: '00000001' },
      ms: 1,
      version,
    });
    const changed = {
      type: 'run.changed',
      subject: 'prod_run_00102363',
      data: { run, phase: 'physics', state: 'run', substate: 'physics' },
      ms: 2,
    };
    const tally = tallyOf(logOf('work', [output('b'), output('a'), output('b', 2), changed]));
    expect(tally.summary(run).outputCount).toBe(2);
    expect(tally.ribbon()).toEqual({ run, phase: 'physics', state: 'run', substate: 'physics', since: iso(2) });
  });

  it('counts a message without a run in the total only, and takes nothing from an event that it cannot read', () => {
    const garbage = {
      type: 'message.received',
      subject: 'prod_message_x',
      data: { type: 'unreadable', receivedAt: iso(0) },
      ms: 0,
    };
    const broken = { type: 'stf.archived', subject: stfId(1), data: { run: 'none' }, ms: 0 };
    const tally = tallyOf(logOf('archive', [garbage, broken]));
    expect(tally.figures().messages.seen).toBe(1);
    expect(tally.figures().stfs.archived).toBe(0);
    expect(tally.knows(run)).toBe(false);
  });

  it('counts a message that both planes hold once, until both have released it', () => {
    const held = { type: 'message.quarantined', subject: 'prod_quarantine_1', data: { run, stfId: stfId(1) }, ms: 0 };
    const released = { type: 'message.released', subject: 'prod_quarantine_1', data: {}, ms: 1 };
    const tally = tallyOf([...logOf('archive', [held]), ...logOf('work', [held, released])]);
    expect(tally.figures(run)).toMatchObject({ stfs: { quarantined: 1 }, messages: { quarantined: 1 } });
  });
});
