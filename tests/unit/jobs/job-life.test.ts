import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mayBecome } from '#lib/model/job-life';
import { outputs, stfs } from '#lib/records';
import { runProgress } from '#lib/run-progress';
import { aDeps } from '../../builders/a-deps.ts';
import { aDrivenJob, type DrivenJob } from '../../builders/a-driven-job.ts';
import { aFacility, aQueueRecord, jobNow, withFacility } from '../../builders/a-job.ts';
import { aCataloguedStf } from '../../builders/a-stf.ts';

const steps = [
  'go',
  'ask',
  'broker',
  'submit',
  'settle',
  'machine',
  'poll',
  'cancel',
  'retry',
  'repeat',
  'finish',
  'stop',
] as const;
const outcomes = ['succeeded', 'failed', 'timeout', 'killed'] as const;
const moves = fc.array(
  fc.record({
    step: fc.constantFrom(...steps, 'go', 'go', 'go', 'go', 'go', 'go', 'go', 'go'),
    outcome: fc.constantFrom(...outcomes),
    pick: fc.nat({ max: 50 }),
  }),
  { maxLength: 60 },
);

/** The next step of the ordinary way. */
const goOn = async (job: DrivenJob, outcome: Move['outcome']): Promise<boolean> =>
  (await job.machine()) ||
  (await job.ask()) ||
  (await job.broker()) ||
  (await job.submit()) ||
  (await job.settle()) ||
  job.finish(outcome);

const move = (job: DrivenJob, { step, outcome, pick }: Move): Promise<boolean> => {
  if (step === 'cancel' || step === 'retry') return job.steer(step);
  if (step === 'repeat') return job.repeat(pick);
  if (step === 'finish') return job.finish(outcome);
  if (step === 'go') return goOn(job, outcome);
  return job[step]();
};
type Move = {
  readonly step: (typeof steps)[number];
  readonly outcome: (typeof outcomes)[number];
  readonly pick: number;
};

/** Delivers everything and lets every payload end, until nothing moves any more. */
const toTheEnd = async (job: DrivenJob): Promise<void> => {
  for (let turns = 0; turns < 500; turns++) {
    const moved = [
      await job.ask(),
      await job.broker(),
      await job.submit(),
      await job.finish('succeeded'),
      await job.settle(),
      await job.machine(),
    ];
    if (!moved.includes(true)) return;
  }
};

test('in whatever order a job is moved on, stopped, cancelled and run again, it comes to one end, and nobody waits', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(moves, async (all) => {
      const deps = aDeps();
      await withFacility(deps, aFacility('local', { queues: [aQueueRecord({ slots: 1 })] }));
      const { jobId, stfId } = await aCataloguedStf(deps);
      const job = aDrivenJob(deps, jobId);
      for (const one of all) await move(job, one);
      await toTheEnd(job);
      await job.poll();
      await toTheEnd(job);

      expect(await job.leftOver()).toEqual([]);
      const states = ['waiting' as const, ...job.states];
      const illegal = states
        .map((state, at) => [states[at - 1] ?? state, state] as const)
        .filter(([from, to]) => from !== to && !mayBecome(from, to));
      expect(illegal).toEqual([]);
      const { state, attempts } = await jobNow(deps, jobId);
      const numbers = attempts.map(({ number }) => number);
      expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
      const made = (await outputs.list(deps.store, 'i1', 'test_run_00102363#outputs')).items.length;
      const stf = (await stfs.need(deps.store, stfId)).doc;
      expect([stf.processing, made]).toEqual(state === 'succeeded' ? ['processed', 1] : ['failed', 0]);
      const { processed, failed } = (await runProgress(deps.store, 'test_run_00102363')) ?? {};
      expect({ processed, failed }).toEqual({ processed: made, failed: 1 - made });
      for (const one of job.states) seen.add(one);
    }),
    { numRuns: 150 },
  );
  // The choices lead everywhere.
  expect([...seen].toSorted()).toEqual([
    'assigned',
    'cancelled',
    'failed',
    'submitted',
    'submitting',
    'succeeded',
    'waiting',
  ]);
}, 60_000);
