import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../../functions/lib/schema/event.ts';
import { createTally } from '../../../functions/monitoring/tally.ts';
import { anEvent } from '../../builders/an-event.ts';

const stfId = (sequence: number) => `prod_stf_00102363-${String(sequence).padStart(8, '0')}`;
const startMs = Date.UTC(2026, 0, 1);
const iso = (ms: number) => new Date(startMs + ms).toISOString();
const run = 102363;

type Fate = 'processed' | 'failed' | 'waiting';
type Told = {
  readonly sequence: number;
  readonly repeats: number;
  readonly isArchived: boolean;
  readonly fate: Fate;
  readonly hold: 'no' | 'held' | 'released';
};
type Untold = {
  readonly type: string;
  readonly subject: string;
  readonly data: Record<string, unknown>;
  readonly ms: number;
};

/** A plane's log of what happened to each STF, in order. */
const logOf = (plane: 'archive' | 'work', facts: readonly Untold[]): Event[] =>
  facts.map(({ type, subject, data, ms }, index) => ({
    ...anEvent({ type, subject, data, time: iso(ms), version: index + 1, source: `/prod/bnl/${plane}` }),
    seq: index + 1,
    hash: '0'.repeat(64),
  }));

const archiveFacts = (told: Told): Untold[] => {
  const subject = `prod_message_${told.sequence}`;
  const data = {
    type: 'stf_gen',
    runId: 'prod_run_00102363',
    stfId: stfId(told.sequence),
    receivedAt: iso(told.sequence),
  };
  return [
    { type: 'message.received', subject, data, ms: told.sequence },
    ...Array.from({ length: told.repeats }, () => ({ type: 'message.repeated', subject, data, ms: told.sequence + 1 })),
    ...(told.isArchived
      ? [
          {
            type: 'stf.archived',
            subject: stfId(told.sequence),
            data: { run, ...told, receivedAt: iso(told.sequence) },
            ms: told.sequence + 30,
          },
        ]
      : []),
  ];
};

const workFacts = (told: Told): Untold[] => {
  const { sequence, fate, hold } = told;
  const subject = stfId(sequence);
  const jobId = `prod_job_${sequence}`;
  const data = { run, sequence, receivedAt: iso(sequence), jobId };
  const quarantine = `prod_quarantine_${sequence}`;
  const step = (type: string, ms: number): Untold => ({ type, subject: jobId, data: {}, ms: sequence + ms });
  return [
    ...(hold === 'no'
      ? []
      : [{ type: 'message.quarantined', subject: quarantine, data: { run, stfId: subject }, ms: sequence }]),
    { type: 'stf.catalogued', subject, data, ms: sequence + 5 },
    ...(hold === 'released' ? [{ type: 'message.released', subject: quarantine, data: {}, ms: sequence + 6 }] : []),
    step('job.assigned', 7),
    step('job.submitted', 10),
    step('job.settled', 90),
    ...(fate === 'waiting' ? [] : [{ type: `stf.${fate}`, subject, data, ms: sequence + 100 }]),
  ];
};

const stories = fc
  .uniqueArray(
    fc.record({
      sequence: fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.constant(99_999_999)),
      repeats: fc.integer({ min: 0, max: 2 }),
      isArchived: fc.boolean(),
      fate: fc.constantFrom<Fate>('processed', 'failed', 'waiting'),
      hold: fc.constantFrom<Told['hold']>('no', 'held', 'released'),
    }),
    { selector: (told) => told.sequence, maxLength: 30 },
  )
  .map((all) => all.toSorted((a, b) => a.sequence - b.sequence));

/** Both logs shuffled into each other as the seed says, each in its own order, now and then told again. */
const interleaved = (left: readonly Event[], right: readonly Event[], choices: readonly number[]): Event[] => {
  const queues = [[...left], [...right]];
  const merged: Event[] = [];
  for (let at = 0; queues.some((queue) => queue.length > 0); at += 1) {
    const choice = choices[at % choices.length] ?? 0;
    const event = queues[choice % 2]?.shift() ?? queues[(choice + 1) % 2]?.shift();
    if (event) merged.push(event);
    // A log that is read again after a lost answer tells its last events once more.
    if (choice > 5) merged.push(...merged.slice(-choice));
  }
  return merged;
};

const choices = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 40 });

const tallyOf = (events: readonly Event[]) => {
  const tally = createTally();
  for (const event of events) tally.apply(event);
  return tally;
};

const count = (all: readonly Told[], fits: (told: Told) => boolean) => all.filter(fits).length;

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
        expect(tally.waiting().count).toBe(count(all, ({ fate, hold }) => fate === 'waiting' && hold !== 'held'));
      }),
    );
  });

  it('is the same for every interleaving, latencies and waiting included', () => {
    fc.assert(
      fc.property(stories, choices, (all, order) => {
        const [archive, work] = [logOf('archive', all.flatMap(archiveFacts)), logOf('work', all.flatMap(workFacts))];
        const one = tallyOf([...work, ...archive]);
        const other = tallyOf(interleaved(archive, work, order));
        expect(other.figures()).toEqual(one.figures());
        expect(other.summary(run)).toEqual(one.summary(run));
        expect(other.waiting()).toEqual(one.waiting());
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

  it('lists outputs by their ids and tells the last state that the DAQ spoke of', () => {
    const output = (name: string) => ({
      type: 'output.registered',
      subject: name,
      data: { run, name, sizeBytes: 3, checksumAdler32: '00000001' },
      ms: 1,
    });
    const changed = {
      type: 'run.changed',
      subject: 'prod_run_00102363',
      data: { run, phase: 'physics', state: 'run', substate: 'physics' },
      ms: 2,
    };
    const tally = tallyOf(logOf('work', [output('b'), output('a'), output('b'), changed]));
    expect(tally.summary(run).outputs.map(({ id }) => id)).toEqual(['a', 'b']);
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
    expect(tally.runs()).toEqual([]);
  });

  it('counts a message that both planes hold once, until both have released it', () => {
    const held = { type: 'message.quarantined', subject: 'prod_quarantine_1', data: { run, stfId: stfId(1) }, ms: 0 };
    const released = { type: 'message.released', subject: 'prod_quarantine_1', data: {}, ms: 1 };
    const tally = tallyOf([...logOf('archive', [held]), ...logOf('work', [held, released])]);
    expect(tally.figures(run)).toMatchObject({ stfs: { quarantined: 1 }, messages: { quarantined: 1 } });
  });
});
