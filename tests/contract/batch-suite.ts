import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Batch } from '../../functions/lib/ports/batch.ts';
import { aFolder } from '../builders/a-folder.ts';
import { aSubmission } from '../builders/a-submission.ts';
import { counted, linesOf, mostAtOnce, shell } from '../builders/counted-payload.ts';
import { endsOf, until } from '../builders/ended-attempts.ts';
import { batchKills } from './batch-kills.ts';
import { batchLaws } from './batch-laws.ts';
import type { FacilityUnderTest } from './facility-under-test.ts';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

/** What every adapter of the batch port keeps to. */
export const batchSuite = (name: string, facility: FacilityUnderTest): void => {
  describe(`the batch port (${name})`, () => {
    let folder: ReturnType<typeof aFolder>;
    let side: string;
    let batch: Batch;
    beforeEach(async () => {
      folder = aFolder();
      side = join(folder.path, 'side-effects');
      batch = await facility.open(join(folder.path, 'jobs'), 2);
    });
    afterEach(async () => {
      await batch.close();
      folder[Symbol.dispose]();
    });

    /** A payload that runs until it is told to end; started, once it wrote its first line. */
    const waiting = (attemptId: string) => counted(attemptId, side, `while [ ! -e "$2.go" ]; do sleep 0.01; done`);
    const letGo = () => writeFileSync(`${side}.go`, '');
    const begun = (count: number) => until(() => linesOf(side).filter((line) => line.startsWith('+')).length >= count);

    test('an attempt that was never handed over is unknown', async () => {
      expect(await batch.status(['a1', 'a2'])).toEqual([
        { attemptId: 'a1', state: 'unknown' },
        { attemptId: 'a2', state: 'unknown' },
      ]);
    });

    test('a payload that ends well succeeds, and its record names its process and its times', async () => {
      await batch.submit([aSubmission('a1', ['true'])]);
      const end = (await endsOf(batch, ['a1'])).get('a1');
      expect(end).toMatchObject({ outcome: 'succeeded', exitCode: 0, cpuUserS: expect.any(Number) });
      expect(end).not.toHaveProperty('signal');
      expect(Date.parse(end?.endedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(end?.startedAt ?? ''));
      expect(await batch.status(['a1'])).toEqual([
        { attemptId: 'a1', state: 'ended', handle: expect.any(String), end },
      ]);
    });

    test('further inputs lie in the file that the payload names, one a line, before it starts', async () => {
      const submission = aSubmission('a1', ['cat', 'inputs.jsonl']);
      const inputs = Array.from({ length: 5000 }, (_, at) => ({ name: `${at}.json`, paths: [`/outputs/${at}.json`] }));
      async function* listed() {
        yield* inputs;
      }
      const payload = { ...submission.payload, inputList: 'inputs.jsonl' };
      await batch.submit([{ ...submission, payload, listed }]);
      expect((await endsOf(batch, ['a1'])).get('a1')).toMatchObject({ outcome: 'succeeded' });
      const lines = text(await batch.log('a1', 0, 1_000_000))
        .trimEnd()
        .split('\n');
      expect(lines.map((line) => JSON.parse(line))).toEqual(inputs);
    });

    test('a list that breaks off starts nothing, and the same submission may be repeated', async () => {
      const submission = aSubmission('a1', ['cat', 'inputs.jsonl']);
      const payload = { ...submission.payload, inputList: 'inputs.jsonl' };
      async function* broken() {
        yield { name: 'a.json', paths: ['/a'] };
        throw new Error('the list broke off');
      }
      await expect(batch.submit([{ ...submission, payload, listed: broken }])).rejects.toThrow();
      expect(await batch.status(['a1'])).toEqual([{ attemptId: 'a1', state: 'unknown' }]);
      async function* whole() {
        yield { name: 'b.json', paths: ['/b'] };
      }
      await batch.submit([{ ...submission, payload, listed: whole }]);
      await endsOf(batch, ['a1']);
      expect(text(await batch.log('a1', 0, 1000))).toBe('{"name":"b.json","paths":["/b"]}\n');
    });

    test.each([
      ['exit 1', { outcome: 'failed', exitCode: 1 }],
      ['exit 137', { outcome: 'failed', exitCode: 137 }],
      ['exit 143', { outcome: 'failed', exitCode: 143 }],
      ['kill -KILL $$', { outcome: 'killed', signal: 'SIGKILL' }],
      ['kill -TERM $$', { outcome: 'killed', signal: 'SIGTERM' }],
      ['kill -SEGV $$', { outcome: 'killed', signal: 'SIGSEGV' }],
      ['kill -INT $$', { outcome: 'killed', signal: 'SIGINT' }],
    ])('exit code and signal are told apart: %s', async (script, expected) => {
      await batch.submit([aSubmission('a1', shell(script))]);
      const end = (await endsOf(batch, ['a1'])).get('a1');
      expect(end).toMatchObject({ ...expected, reason: expect.any(String) });
      expect(end).not.toHaveProperty('signal' in expected ? 'exitCode' : 'signal');
    });

    test('a command that is not there is an attempt that failed, not an error', async () => {
      await batch.submit([aSubmission('a1', ['/no/such/program']), aSubmission('a2', []), aSubmission('a3', [''])]);
      for (const end of (await endsOf(batch, ['a1', 'a2', 'a3'])).values()) {
        expect(end).toMatchObject({ outcome: 'failed', exitCode: 127, reason: expect.any(String) });
      }
    });

    test('a command never passes through a shell', async () => {
      const words = ['$HOME', '`id`', '; exit 3', 'a  b', '"', "'", '*', '\\n', 'é'];
      await batch.submit([aSubmission('a1', ['printf', '%s|', ...words]), aSubmission('a2', ['exit', '0'])]);
      expect((await endsOf(batch, ['a1', 'a2'])).get('a2')).toMatchObject({ exitCode: 127 });
      expect(text(await batch.log('a1', 0, 1000))).toBe(`${words.join('|')}|`);
    });

    test('a payload sees the environment that it was given', async () => {
      await batch.submit([
        aSubmission('a1', shell('echo "$GREETING"; echo "$PAPILIO_ATTEMPT_ID"'), {}, { GREETING: 'ho ho' }),
      ]);
      await endsOf(batch, ['a1']);
      expect(text(await batch.log('a1', 0, 100))).toBe('ho ho\na1\n');
    });

    test('the log holds both streams and is read by range', async () => {
      await batch.submit([aSubmission('a1', shell('echo 0123456789; echo problem >&2'))]);
      await endsOf(batch, ['a1']);
      expect(text(await batch.log('a1', 0, 1000))).toBe('0123456789\nproblem\n');
      expect(text(await batch.log('a1', 3, 4))).toBe('3456');
      expect(text(await batch.log('a1', 500, 4))).toBe('');
      expect(text(await batch.log('a2', 0, 4))).toBe('');
    });

    test('the same submission again starts nothing twice: at once, together, after its end, after a restart', async () => {
      const one = counted('a1', side);
      await Promise.all([batch.submit([one, one]), batch.submit([one])]);
      const end = (await endsOf(batch, ['a1'])).get('a1');
      expect(await batch.submit([one])).toMatchObject([{ attemptId: 'a1', state: 'ended', end }]);
      await batch.close();
      batch = await facility.open(join(folder.path, 'jobs'), 2);
      expect(await batch.submit([one])).toMatchObject([{ attemptId: 'a1', state: 'ended', end }]);
      expect(linesOf(side)).toEqual(['+ a1', '- a1']);
    });

    test('what has no slot waits in line, and starts when one is free', async () => {
      const ids = ['a1', 'a2', 'a3', 'a4', 'a5'];
      const statuses = await batch.submit(ids.map(waiting));
      expect(statuses.map(({ state }) => state)).toEqual(['running', 'running', 'queued', 'queued', 'queued']);
      expect(await batch.probe()).toEqual({ isOnline: true, slots: 2, slotsFree: 0 });
      await begun(2);
      const ended = endsOf(batch, ids);
      letGo();
      await ended;
      expect(mostAtOnce(linesOf(side))).toBe(2);
      expect(await batch.probe()).toEqual({ isOnline: true, slots: 2, slotsFree: 2 });
    });

    test('starts and ends are told as they happen', async () => {
      const told: string[] = [];
      batch.watch(() => {
        throw new Error('who listens badly harms nobody');
      });
      batch.watch(({ attemptId, state }) => told.push(`${attemptId} ${state}`));
      await batch.submit([aSubmission('a1', ['true'])]);
      await endsOf(batch, ['a1']);
      expect(told).toEqual(['a1 running', 'a1 ended']);
    });

    test('a cancelled attempt ends, running or queued; one that has ended stays as it ended', async () => {
      await batch.submit(['a1', 'a2', 'a3'].map(waiting));
      await begun(2);
      await batch.cancel(['a3', 'a1', 'nobody']);
      const ends = await endsOf(batch, ['a1', 'a3']);
      expect(ends.get('a1')).toMatchObject({ outcome: 'cancelled' });
      expect(ends.get('a3')).toMatchObject({ outcome: 'cancelled' });
      expect(ends.get('a3')).not.toHaveProperty('startedAt');
      letGo();
      const end = (await endsOf(batch, ['a2'])).get('a2');
      await batch.cancel(['a2']);
      expect(await batch.status(['a2'])).toMatchObject([{ state: 'ended', end: { outcome: 'succeeded' } }]);
      expect(end).toMatchObject({ outcome: 'succeeded' });
      expect(linesOf(side).filter((line) => line.endsWith('a3'))).toEqual([]);
    });

    test('payloads outlive a restart and are taken over', async () => {
      const before = await batch.submit(['a1', 'a2', 'a3'].map(waiting));
      await begun(2);
      await batch.close();
      batch = await facility.open(join(folder.path, 'jobs'), 2);
      const after = await batch.status(['a1', 'a2', 'a3']);
      expect(after.map(({ state }) => state)).toEqual(['running', 'running', 'queued']);
      expect(after[0]).toMatchObject({ handle: before[0]?.state === 'running' ? before[0].handle : '?' });
      const ended = endsOf(batch, ['a1', 'a2', 'a3']);
      letGo();
      for (const end of (await ended).values()) expect(end).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
      expect(linesOf(side).toSorted()).toEqual(['+ a1', '+ a2', '+ a3', '- a1', '- a2', '- a3']);
    });

    test('what still runs is not released; what never was, has nothing to release', async () => {
      await batch.submit([waiting('a1')]);
      await expect(batch.release('a1')).rejects.toMatchObject({ code: 'input-invalid' });
      await batch.release('nobody');
      letGo();
      await endsOf(batch, ['a1']);
    });

    test('an output is found where the payload left it, and goes with the release; the log and the record stay', async () => {
      await batch.submit([
        aSubmission('a1', shell('mkdir -p out; echo 42 > out/result; ln -s /etc/passwd out/link; echo said')),
      ]);
      const end = (await endsOf(batch, ['a1'])).get('a1');
      const path = await batch.outputPath('a1', 'out/result');
      expect(readFileSync(path ?? '', 'utf8')).toBe('42\n');
      expect(await batch.outputPath('a1', 'out/other')).toBeUndefined();
      expect(await batch.outputPath('a1', 'out/link')).toBeUndefined();
      expect(await batch.outputPath('a2', 'out/result')).toBeUndefined();
      await expect(batch.outputPath('a1', '../a2/out/result')).rejects.toMatchObject({ code: 'input-invalid' });
      await batch.release('a1');
      await batch.release('a1');
      expect(await batch.outputPath('a1', 'out/result')).toBeUndefined();
      expect(text(await batch.log('a1', 0, 100))).toBe('said\n');
      expect(await batch.status(['a1'])).toMatchObject([{ state: 'ended', end }]);
    });

    test('what ended and was not released can be listed, and is not listed after its release', async () => {
      await batch.submit([aSubmission('a1', ['true']), aSubmission('a2', ['false'])]);
      const ends = await endsOf(batch, ['a1', 'a2']);
      const later = new Date(Date.now() + 60_000).toISOString();
      expect((await batch.unreleased(later)).toSorted()).toEqual(['a1', 'a2']);
      expect(await batch.unreleased('2020-01-01T00:00:00.000Z')).toEqual([]);
      await batch.close();
      batch = await facility.open(join(folder.path, 'jobs'), 2);
      await batch.release('a1');
      expect(await batch.unreleased(later)).toEqual(['a2']);
      expect(await endsOf(batch, ['a1', 'a2'])).toEqual(ends);
    });

    test.each(['', '..', 'a/b', '../../x', 'a.b', 'é', 'a\0', 'x'.repeat(161)])(
      'an id %j never becomes a path',
      async (id) => {
        const refusal = { code: 'input-invalid', kind: 'Invalid' };
        await expect(batch.submit([aSubmission(id, ['true'])])).rejects.toMatchObject(refusal);
        await expect(batch.status([id])).rejects.toMatchObject(refusal);
        await expect(batch.log(id, 0, 1)).rejects.toMatchObject(refusal);
        await expect(batch.release(id)).rejects.toMatchObject(refusal);
      },
    );

    test('a whole bundle of 200 is taken in one call and comes to its end', async () => {
      const ids = Array.from({ length: 200 }, (_, at) => `b${at}`);
      const ended = endsOf(batch, ids);
      const statuses = await batch.submit(ids.map((id) => aSubmission(id, ['true'])));
      expect(statuses.map(({ attemptId }) => attemptId)).toEqual(ids);
      const ends = [...(await ended).values()];
      expect(ends.filter(({ outcome }) => outcome === 'succeeded')).toHaveLength(200);
    });
  });
  batchLaws(name, facility);
  batchKills(name, facility);
};
