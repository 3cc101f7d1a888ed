import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Batch, Submission } from '../../functions/lib/ports/batch.ts';
import { aFolder } from '../builders/a-folder.ts';
import { counted, linesOf, mostAtOnce } from '../builders/counted-payload.ts';
import { endsOf } from '../builders/ended-attempts.ts';
import type { FacilityUnderTest } from './facility-under-test.ts';

type World = {
  batch: Batch;
  readonly open: () => Promise<Batch>;
  readonly file: string;
  readonly submitted: Submission[];
  readonly cancelled: Set<string>;
};
type Action = (world: World) => Promise<unknown>;

const submit =
  (count: number): Action =>
  (world) => {
    const first = world.submitted.length;
    const more = Array.from({ length: count }, (_, at) => counted(`p${first + at}`, world.file, 'sleep 0.005'));
    world.submitted.push(...more);
    return world.batch.submit(more);
  };

const onOne =
  (pick: number, act: (world: World, one: Submission) => Promise<unknown>): Action =>
  async (world) => {
    const one = world.submitted[pick % (world.submitted.length || 1)];
    if (one !== undefined) await act(world, one);
  };

const again = (pick: number): Action => onOne(pick, (world, one) => world.batch.submit([one]));

const cancel = (pick: number): Action =>
  onOne(pick, (world, one) => {
    world.cancelled.add(one.attemptId);
    return world.batch.cancel([one.attemptId]);
  });

/** As papilio does: an attempt that has ended is released, one that has not is left. */
const release = (pick: number): Action =>
  onOne(pick, async (world, one) => {
    const [status] = await world.batch.status([one.attemptId]);
    if (status?.state === 'ended') await world.batch.release(one.attemptId);
  });

const restart: Action = async (world) => {
  await world.batch.close();
  world.batch = await world.open();
};

const actions = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 1, max: 4 }).map(submit) },
    { weight: 1, arbitrary: fc.nat().map(again) },
    { weight: 2, arbitrary: fc.nat().map(cancel) },
    { weight: 3, arbitrary: fc.nat().map(release) },
    { weight: 2, arbitrary: fc.constant(restart) },
  ),
  { maxLength: 12, size: 'max' },
);

const idsOf = (submissions: readonly Submission[]) => submissions.map(({ attemptId }) => attemptId);

const runningIn = async ({ batch, submitted }: World) =>
  (await batch.status(idsOf(submitted))).filter(({ state }) => state === 'running').length;

/** What holds for a facility whatever is asked of it in whatever order. */
export const batchLaws = (name: string, facility: FacilityUnderTest): void => {
  describe(`the batch port (${name})`, () => {
    test('in any order of submissions, cancellations, releases and restarts, slots are never exceeded, nothing runs twice and nothing vanishes', async () => {
      const law = fc.asyncProperty(fc.integer({ min: 1, max: 3 }), actions, async (slots, steps) => {
        using folder = aFolder();
        const file = join(folder.path, 'side-effects');
        const open = () => facility.open(join(folder.path, 'jobs'), slots);
        const world: World = { batch: await open(), open, file, submitted: [], cancelled: new Set() };
        for (const step of steps) {
          await step(world);
          expect(await runningIn(world)).toBeLessThanOrEqual(slots);
        }
        await endsOf(world.batch, idsOf(world.submitted));
        await world.batch.close();
        const lines = linesOf(file);
        const whole = lines.filter((line) => !world.cancelled.has(line.slice(2)));
        expect(mostAtOnce(whole)).toBeLessThanOrEqual(slots);
        expect(new Set(lines).size).toBe(lines.length);
        expect(whole).toHaveLength(2 * (world.submitted.length - world.cancelled.size));
      });
      await fc.assert(law, { numRuns: 15 });
    });
  });
};
