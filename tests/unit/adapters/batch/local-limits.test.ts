import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLocalBatch } from '../../../../functions/adapters/batch/local.ts';
import { identityOf, isAlive } from '../../../../functions/adapters/batch/local-process.ts';
import type { Batch } from '../../../../functions/lib/ports/batch.ts';
import { aFolder } from '../../../builders/a-folder.ts';
import { aSubmission } from '../../../builders/a-submission.ts';
import { shell } from '../../../builders/counted-payload.ts';
import { endsOf } from '../../../builders/ended-attempts.ts';
import { type FakeClock, fakeClock } from '../../../builders/fake-clock.ts';

describe('what papilio ends', () => {
  let folder: ReturnType<typeof aFolder>;
  let clock: FakeClock;
  let batch: Batch;
  let pipe: string;
  const open = () => openLocalBatch({ folder: join(folder.path, 'jobs'), slots: 4, clock });
  /** What a payload says, once it says it. */
  const said = async () => (await readFile(pipe, 'utf8')).trim();

  beforeEach(async () => {
    folder = aFolder();
    pipe = join(folder.path, 'pipe');
    execFileSync('mkfifo', [pipe]);
    clock = fakeClock(Date.now());
    batch = await open();
  });
  afterEach(async () => {
    await batch.cancel(['a1']);
    await clock.advance(2_000);
    await batch.close();
    folder[Symbol.dispose]();
  });

  test('a payload that runs too long ends, with all its processes', async () => {
    await batch.submit([aSubmission('a1', shell('sleep 600 & echo $! > "$1"; wait', pipe), { timeoutS: 30 })]);
    const child = identityOf(Number(await said()));
    await clock.advance(29_000);
    expect(await batch.status(['a1'])).toMatchObject([{ state: 'running' }]);
    expect(isAlive(child)).toBe(true);
    await clock.advance(1_000);
    const end = (await endsOf(batch, ['a1'])).get('a1');
    expect(end).toMatchObject({ outcome: 'timeout', signal: 'SIGKILL', reason: expect.stringContaining('30 s') });
    await expect.poll(() => isAlive(child), { interval: 5 }).toBe(false);
  });

  test('the time that a payload had under an earlier process counts', async () => {
    await batch.submit([aSubmission('a1', shell('echo ready > "$1"; exec sleep 600', pipe), { timeoutS: 30 })]);
    await said();
    await batch.close();
    await clock.advance(20_000);
    batch = await open();
    expect(await batch.status(['a1'])).toMatchObject([{ state: 'running' }]);
    await clock.advance(11_000);
    // Not our child any more: its end is seen by the samples.
    const sampled = async () => {
      await clock.advance(250);
      return (await batch.status(['a1']))[0]?.state;
    };
    await expect.poll(sampled, { interval: 5 }).toBe('ended');
    expect((await endsOf(batch, ['a1'])).get('a1')).toMatchObject({ outcome: 'timeout' });
  });

  test('a payload that takes too much memory ends, counted over all its processes', async () => {
    const take = 'const held = Buffer.alloc(40e6, 1); console.log(held.length); setInterval(() => held, 1e6)';
    const two = `node -e '${take}' | head -1 > /dev/null & node -e '${take}' | head -1 > "$1"; wait`;
    const both = shell(
      two.replace('| head -1 > /dev/null &', '| (head -1 > "$2") &').replace('; wait', '; cat "$2" > /dev/null; wait'),
      pipe,
      `${pipe}2`,
    );
    execFileSync('mkfifo', [`${pipe}2`]);
    await batch.submit([aSubmission('a1', both, { memoryMb: 90 })]);
    await Promise.all([said(), readFile(`${pipe}2`, 'utf8')]);
    await clock.advance(250);
    const end = (await endsOf(batch, ['a1'])).get('a1');
    expect(end).toMatchObject({
      outcome: 'memory',
      signal: 'SIGKILL',
      reason: expect.stringContaining('limit of 90 MB'),
    });
    expect(end?.memoryPeakMb).toBeGreaterThan(90);
  });

  test('a payload that fills its disk with many files ends', async () => {
    const fill = 'for i in 1 2 3 4; do head -c 400000 /dev/zero > out/$i; done; echo full > "$1"; exec sleep 600';
    await batch.submit([aSubmission('a1', shell(fill, pipe), { diskMb: 1 })]);
    await said();
    await clock.advance(250);
    const end = (await endsOf(batch, ['a1'])).get('a1');
    expect(end).toMatchObject({ outcome: 'disk', signal: 'SIGKILL', reason: expect.stringContaining('limit of 1 MB') });
  });

  test('a payload that fills its disk with one file ends there, also one that ignores the signal', async () => {
    const node = ['node', '-e', "require('fs').writeFileSync('out/big', Buffer.alloc(2e6))"];
    await batch.submit([
      aSubmission('a1', ['head', '-c', '2000000', '/dev/zero'], { diskMb: 1 }),
      aSubmission('a2', node, { diskMb: 1 }),
      aSubmission('a3', ['false'], { diskMb: 1 }),
    ]);
    const ends = await endsOf(batch, ['a1', 'a2', 'a3']);
    expect(ends.get('a1')).toMatchObject({ outcome: 'disk', signal: 'SIGXFSZ' });
    expect(ends.get('a2')).toMatchObject({ outcome: 'disk', exitCode: 1 });
    expect(ends.get('a3')).toMatchObject({ outcome: 'failed', exitCode: 1 });
  });

  test('a cancelled payload may tidy up; who does not want to end is ended after a grace of 2 s', async () => {
    const tidy = shell('trap "echo tidied; exit 3" TERM; echo ready > "$1"; while :; do sleep 0.01; done', pipe);
    const stubborn = shell('trap "" TERM; sleep 600 & echo $! > "$1"; while :; do wait; done', pipe);
    await batch.submit([aSubmission('a1', tidy)]);
    await said();
    await batch.cancel(['a1']);
    expect((await endsOf(batch, ['a1'])).get('a1')).toMatchObject({ outcome: 'cancelled', exitCode: 3 });
    expect(String(Buffer.from(await batch.log('a1', 0, 100)))).toContain('tidied\n');

    await batch.submit([aSubmission('a2', stubborn)]);
    const child = identityOf(Number(await said()));
    await batch.cancel(['a2']);
    await clock.advance(1_900);
    expect(await batch.status(['a2'])).toMatchObject([{ state: 'running' }]);
    await clock.advance(100);
    expect((await endsOf(batch, ['a2'])).get('a2')).toMatchObject({ outcome: 'cancelled', signal: 'SIGKILL' });
    await expect.poll(() => isAlive(child), { interval: 5 }).toBe(false);
  });

  test('no timer but that of the keeper is set while nothing runs', async () => {
    mkdirSync(join(folder.path, 'empty'));
    await clock.whenTimers(1);
    expect(clock.timers()).toBe(1);
    await batch.submit([aSubmission('a1', ['true'])]);
    await endsOf(batch, ['a1']);
    await clock.advance(250);
    await clock.whenTimers(1);
    expect(clock.timers()).toBe(1);
  });
});
