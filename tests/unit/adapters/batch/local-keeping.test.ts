import { existsSync, mkdirSync, readdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { endedPathOf } from '#lib/ended-attempt';
import { openLocalBatch } from '../../../../functions/adapters/batch/local.ts';
import type { LocalStep } from '../../../../functions/adapters/batch/local-folder.ts';
import { aFolder } from '../../../builders/a-folder.ts';
import { aSubmission } from '../../../builders/a-submission.ts';
import { counted, linesOf, shell } from '../../../builders/counted-payload.ts';
import { endsOf, until } from '../../../builders/ended-attempts.ts';
import { type FakeClock, fakeClock } from '../../../builders/fake-clock.ts';
import { attemptIdOf, leaveEndedAttempts, leaveOldAttempts } from '../../../builders/old-attempts.ts';

const dayMs = 86_400_000;
const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true }).flatMap((entry) =>
    entry.isFile() ? [entry.name] : [],
  );

describe('the attempts of a local facility, with age', () => {
  let folder: ReturnType<typeof aFolder>;
  let jobs: string;
  let side: string;
  let steps: LocalStep[];
  let clock: FakeClock;
  beforeEach(() => {
    folder = aFolder();
    jobs = join(folder.path, 'jobs');
    side = join(folder.path, 'side-effects');
    steps = [];
    clock = fakeClock(Date.now());
  });
  afterEach(() => folder[Symbol.dispose](), 60_000);

  const open = () => openLocalBatch({ folder: jobs, slots: 2, clock, afterStep: (step) => steps.push(step) });
  const seen = (step: LocalStep) => steps.filter((one) => one === step).length;
  /** Lets the keeper make a whole round and wait for its next one. */
  const pruned = async () => {
    for (let hour = 0; hour < 3; hour++) {
      await clock.whenTimers(1);
      await clock.advance(3_600_000);
    }
    await clock.whenTimers(1);
  };
  const ended = (id: string) => endedPathOf(jobs, 'succeeded', id);

  test('a released attempt is one file, in a folder of its run and thousand', async () => {
    const batch = await open();
    const id = attemptIdOf(134_217);
    await batch.submit([aSubmission(id, shell('echo 42 > out/result; echo read 7 hits'))]);
    const status = [{ attemptId: id, state: 'ended', end: (await endsOf(batch, [id])).get(id) }];
    await batch.release(id);
    expect(readdirSync(join(jobs, 'live'))).toEqual([]);
    expect(readdirSync(join(jobs, 'removed'))).toEqual([]);
    expect(filesBelow(join(jobs, 'ended'))).toEqual([`${id}.log`]);
    expect(ended(id)).toContain('ended/succeeded/00102363/+00134000/');
    expect(await batch.status([id])).toMatchObject(status);
    expect(String(Buffer.from(await batch.log(id, 5, 3)))).toBe('7 h');
    await batch.close();
  });

  test('a start reads what is live and none of 20,000 that ended', async () => {
    const first = await open();
    await first.submit([counted('a1', side), counted('a2', side)]);
    await endsOf(first, ['a1', 'a2']);
    await first.release('a1');
    await first.close();
    leaveEndedAttempts(20_000, ended);
    steps.length = 0;
    const again = await open();
    expect(seen('looked')).toBe(1);
    expect(seen('shard-seen')).toBe(0);
    expect(await again.status([attemptIdOf(19_999)])).toMatchObject([
      { state: 'ended', end: { outcome: 'succeeded' } },
    ]);
    expect(String(Buffer.from(await again.log(attemptIdOf(7), 0, 100)))).toBe('read 7 hits\n');
    await again.close();
  });

  test('a start looks at no more than a slice of 2,000 folders that an earlier build left, and adopts by name', async () => {
    const before = await open();
    await before.submit([counted('a1', side, `while [ ! -e "$2.go" ]; do sleep 0.01; done`)]);
    await until(() => linesOf(side).length > 0);
    await before.close();
    // As an earlier build had it: beside the others, and in no index.
    leaveOldAttempts(jobs, 2_000);
    renameSync(join(jobs, 'live', 'a1'), join(jobs, 'a1'));
    steps.length = 0;
    const again = await open();
    expect(seen('looked')).toBe(0);
    expect(await again.status(['a1'])).toMatchObject([{ state: 'running' }]);
    expect(await again.probe()).toMatchObject({ slotsFree: 1 });
    expect(await again.submit([counted('a1', side)])).toMatchObject([{ state: 'running' }]);
    expect(await again.status([attemptIdOf(1_234)])).toMatchObject([{ state: 'ended' }]);
    await clock.whenTimers(2);
    expect(seen('old-seen')).toBeLessThanOrEqual(32);
    const end = endsOf(again, ['a1']);
    writeFileSync(`${side}.go`, '');
    const turn = setInterval(() => void clock.advance(300), 5);
    expect((await end).get('a1')).toMatchObject({ outcome: 'succeeded' });
    clearInterval(turn);
    await again.close();
    expect(linesOf(side)).toEqual(['+ a1', '- a1']);
  });

  test('what an earlier build released becomes a file, what it did not waits for its release', async () => {
    leaveOldAttempts(jobs, 3);
    mkdirSync(join(jobs, attemptIdOf(1), 'out'));
    mkdirSync(join(jobs, 'never-started'));
    const batch = await open();
    await until(() => !existsSync(join(jobs, attemptIdOf(2))) && !existsSync(join(jobs, 'never-started')));
    await until(() => existsSync(ended(attemptIdOf(0))) && existsSync(ended(attemptIdOf(2))));
    expect(existsSync(join(jobs, attemptIdOf(1), 'out'))).toBe(true);
    expect(await batch.unreleased(new Date(Date.now() + dayMs).toISOString())).toEqual([attemptIdOf(1)]);
    await batch.release(attemptIdOf(1));
    expect(existsSync(ended(attemptIdOf(1)))).toBe(true);
    expect(existsSync(join(jobs, attemptIdOf(1)))).toBe(false);
    await batch.close();
  });

  test('records go when their days are over, successful ones first, and never sooner', async () => {
    const ids = [attemptIdOf(1), attemptIdOf(2)] as const;
    const batch = await open();
    await batch.submit([aSubmission(ids[0], ['true']), aSubmission(ids[1], ['false'])]);
    await endsOf(batch, ids);
    for (const id of ids) await batch.release(id);
    const passDays = async (days: number) => {
      await clock.advance(days * dayMs);
      await pruned();
    };
    const states = async () => (await batch.status(ids)).map(({ state }) => state);
    await passDays(6);
    expect(await states()).toEqual(['ended', 'ended']);
    await passDays(2);
    expect(await states()).toEqual(['unknown', 'ended']);
    expect(await batch.log(ids[0], 0, 10)).toHaveLength(0);
    await passDays(23);
    expect(await states()).toEqual(['unknown', 'unknown']);
    await until(() => readdirSync(join(jobs, 'removed')).length === 0);
    await batch.close();
  });

  test('a kill in the midst of a removal leaves nothing behind after the next start', async () => {
    leaveEndedAttempts(2, ended);
    const first = await open();
    await first.close();
    const half = join(jobs, 'removed', 'half');
    renameSync(dirname(ended(attemptIdOf(0))), half);
    const again = await open();
    await until(() => !existsSync(half));
    expect(await again.status([attemptIdOf(0)])).toMatchObject([{ state: 'unknown' }]);
    await again.close();
  });

  test('a shard keeps its young records however old the others are', async () => {
    leaveEndedAttempts(2, ended);
    const shard = dirname(ended(attemptIdOf(0)));
    utimesSync(shard, 0, 0);
    const batch = await open();
    await batch.submit([aSubmission(attemptIdOf(3), ['true'])]);
    await endsOf(batch, [attemptIdOf(3)]);
    await batch.release(attemptIdOf(3));
    await pruned();
    expect(seen('shard-seen')).toBeGreaterThan(0);
    expect(filesBelow(join(jobs, 'ended'))).toHaveLength(3);
    await batch.close();
  });

  test('a damaged record of an ended attempt counts as lost and never as unknown', async () => {
    leaveEndedAttempts(1, ended);
    writeFileSync(ended(attemptIdOf(0)), '{"attemptId":');
    const batch = await open();
    const end = { outcome: 'lost', reason: expect.stringContaining('cannot be read') };
    expect(await batch.status([attemptIdOf(0)])).toMatchObject([{ state: 'ended', end }]);
    expect(await batch.submit([counted(attemptIdOf(0), side)])).toMatchObject([{ state: 'ended' }]);
    await batch.close();
    expect(linesOf(side)).toEqual([]);
  });
});
