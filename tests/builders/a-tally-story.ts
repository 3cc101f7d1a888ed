import fc from 'fast-check';
import type { Event } from '../../functions/lib/schema/event.ts';
import { createTally } from '../../functions/monitoring/tally.ts';
import { anEvent } from './an-event.ts';

/** Id of an STF of the story's run. */
export const stfId = (sequence: number) => `prod_stf_00102363-${String(sequence).padStart(8, '0')}`;
/** When the story begins. */
export const startMs = Date.UTC(2026, 0, 1);
/** A moment of the story, as it is written. */
export const iso = (ms: number) => new Date(startMs + ms).toISOString();
/** The story's run. */
export const run = 102363;

type Fate = 'processed' | 'failed' | 'waiting';
/** What becomes of one STF; one that comes three times lacks a TF. */
export type Told = {
  readonly sequence: number;
  readonly repeats: number;
  readonly isArchived: boolean;
  readonly fate: Fate;
  readonly hold: 'no' | 'held' | 'released' | 'discarded';
};
type Untold = {
  readonly type: string;
  readonly subject: string;
  readonly data: Record<string, unknown>;
  readonly ms: number;
  readonly version?: number;
};

/** A plane's log of what happened to each STF, in order. */
export const logOf = (plane: 'archive' | 'work', facts: readonly Untold[]): Event[] =>
  facts.map(({ type, subject, data, ms, version }, index) => ({
    ...anEvent({ type, subject, data, time: iso(ms), version: version ?? index + 1, source: `/prod/bnl/${plane}` }),
    seq: index + 1,
    hash: '0'.repeat(64),
  }));

/** What the archive plane's log tells of it. */
export const archiveFacts = (told: Told): Untold[] => {
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
            data: {
              run,
              ...told,
              receivedAt: iso(told.sequence),
              ...(told.repeats === 2
                ? { name: `swf.${told.sequence}`, tfsMissing: [{ tfFirst: '1', tfEnd: '2' }] }
                : {}),
            },
            ms: told.sequence + 30,
          },
        ]
      : []),
    ...(told.hold === 'discarded'
      ? ['message.quarantined', 'message.discarded'].map((type) => ({
          type,
          subject: `prod_quarantine_${told.sequence}`,
          data: { run, stfId: stfId(told.sequence) },
          ms: told.sequence + 40,
        }))
      : []),
  ];
};

/** What the work plane's log tells of it. */
export const workFacts = (told: Told): Untold[] => {
  const { sequence, fate, hold } = told;
  const subject = stfId(sequence);
  const jobId = `prod_job_${sequence}`;
  const data = { run, sequence, receivedAt: iso(sequence), jobId };
  const quarantine = `prod_quarantine_${sequence}`;
  const step = (type: string, ms: number, facts = {}): Untold => ({
    type,
    subject: jobId,
    data: facts,
    ms: sequence + ms,
  });
  return [
    ...(hold === 'no' || hold === 'discarded'
      ? []
      : [{ type: 'message.quarantined', subject: quarantine, data: { run, stfId: subject }, ms: sequence }]),
    { type: 'stf.catalogued', subject, data, ms: sequence + 5 },
    ...(hold === 'released' ? [{ type: 'message.released', subject: quarantine, data: {}, ms: sequence + 6 }] : []),
    step('job.assigned', 7, { facility: sequence % 2 === 0 ? 'local' : 'far' }),
    step('job.submitted', 10),
    step('job.settled', 90, { outcome: fate === 'failed' ? 'exited' : 'succeeded' }),
    ...(fate === 'waiting' ? [] : [{ type: `stf.${fate}`, subject, data, ms: sequence + 100 }]),
  ];
};

/** A revision of a facet. */
export const revised = (facet: string, revision: number, value: string, ms: number): Untold => ({
  type: 'facet.changed',
  subject: `prod_facet_${facet}`,
  data: { facet, revision, value, reason: 'told', eventAt: iso(ms), receivedAt: iso(ms) },
  ms,
});
/** A change of the run's gaps. */
export const covered = (gaps: number, ms: number): Untold => ({
  type: 'run.covered',
  subject: 'prod_coverage_00102363',
  data: { run, gaps, tfsHeld: '9', tfsOverlapped: '0' },
  ms,
});

/** Any STFs with any fates. */
export const stories = fc
  .uniqueArray(
    fc.record({
      sequence: fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.constant(99_999_999)),
      repeats: fc.integer({ min: 0, max: 2 }),
      isArchived: fc.boolean(),
      fate: fc.constantFrom<Fate>('processed', 'failed', 'waiting'),
      hold: fc.constantFrom<Told['hold']>('no', 'held', 'released', 'discarded'),
    }),
    { selector: (told) => told.sequence, maxLength: 30 },
  )
  .map((all) => all.toSorted((a, b) => a.sequence - b.sequence));

/** Both logs shuffled into each other as the seed says, each in its own order, now and then told again. */
export const interleaved = (left: readonly Event[], right: readonly Event[], choices: readonly number[]): Event[] => {
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

/** How two logs are shuffled into each other. */
export const choices = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 40 });

/** The tally of some events. */
export const tallyOf = (events: readonly Event[]) => {
  const tally = createTally();
  for (const event of events) tally.apply(event);
  return tally;
};

/** Whether nobody waits for an STF so held. */
export const isSetAside = (hold: Told['hold']) => hold === 'held' || hold === 'discarded';
/** How many STFs a story fits. */
export const count = (all: readonly Told[], fits: (told: Told) => boolean) => all.filter(fits).length;
