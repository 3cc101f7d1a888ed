import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endedPathOf } from '#lib/ended-attempt';
import { createJobLogs } from '../../../../local/front/job-logs.ts';
import { aFolder } from '../../../builders/a-folder.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';

const attempt = 'prod_attempt_bnl-1-x-p1-a1';
const anAttempt = (folder: string) => {
  const own = join(folder, attempt);
  mkdirSync(own);
  return own;
};
const part = (changes = {}) => ({ firstByte: 0, maxBytes: 1000, waitMs: 0, ...changes });

describe('the log of an attempt', () => {
  it('is read from a byte on, and is final once the attempt has ended', async () => {
    using folder = aFolder();
    const own = anAttempt(folder.path);
    const logs = createJobLogs(folder.path, fakeClock());
    writeFileSync(join(own, 'log'), 'one\ntwo\n');
    expect(await logs.read(attempt, part({ firstByte: 4 }))).toEqual({ text: 'two\n', endByte: 8, isFinal: false });
    writeFileSync(join(own, 'exit.json'), '{}');
    expect(await logs.read(attempt, part({ firstByte: 8 }))).toEqual({ text: '', endByte: 8, isFinal: true });
  });

  it('comes in pieces that never cut a character, whatever the size of a piece', async () => {
    const texts = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 4, max: 9 }), async (text, maxBytes) => {
        using folder = aFolder();
        const own = anAttempt(folder.path);
        writeFileSync(join(own, 'log'), text);
        writeFileSync(join(own, 'exit.json'), '{}');
        const logs = createJobLogs(folder.path, fakeClock());
        let whole = '';
        let firstByte = 0;
        let isFinal = false;
        while (!isFinal) {
          const next = await logs.read(attempt, part({ firstByte, maxBytes }));
          whole += next.text;
          firstByte = next.endByte;
          isFinal = next.isFinal;
        }
        expect(whole).toBe(Buffer.from(text).toString('utf8'));
      }),
      { numRuns: 50 },
    );
  });

  it('is waited for until the payload writes', async () => {
    using folder = aFolder();
    const own = anAttempt(folder.path);
    const clock = fakeClock();
    writeFileSync(join(own, 'log'), '');
    const answer = createJobLogs(folder.path, clock).read(attempt, part({ waitMs: 10_000 }));
    await clock.whenTimers(1);
    appendFileSync(join(own, 'log'), 'at last\n');
    expect((await answer).text).toBe('at last\n');
    expect(clock.timers()).toBe(0);
  });

  it('is read behind the record once the attempt is released, also in the midst of following it', async () => {
    using folder = aFolder();
    const own = anAttempt(folder.path);
    const logs = createJobLogs(folder.path, fakeClock());
    writeFileSync(join(own, 'log'), 'one\ntwo\n');
    expect(await logs.read(attempt, part({ maxBytes: 4 }))).toEqual({ text: 'one\n', endByte: 4, isFinal: false });
    const path = endedPathOf(folder.path, 'succeeded', attempt);
    mkdirSync(dirname(path), { recursive: true });
    const record = { attemptId: attempt, end: { outcome: 'succeeded', endedAt: '2026-01-01T00:00:00.000Z' } };
    writeFileSync(path, `${JSON.stringify(record)}\none\ntwo\n`);
    rmSync(own, { recursive: true });
    expect(await logs.read(attempt, part({ firstByte: 4, waitMs: 500 }))).toEqual({
      text: 'two\n',
      endByte: 8,
      isFinal: true,
    });
    rmSync(path);
    await expect(logs.read(attempt, part())).rejects.toMatchObject({ code: 'record-missing' });
  });

  it('is not waited for longer than asked', async () => {
    using folder = aFolder();
    anAttempt(folder.path);
    const clock = fakeClock();
    const answer = createJobLogs(folder.path, clock).read(attempt, part({ waitMs: 500 }));
    await clock.whenTimers(1);
    await clock.advance(500);
    expect(await answer).toEqual({ text: '', endByte: 0, isFinal: false });
  });

  it('shows nothing of a link or a pipe that a payload put in its place', async () => {
    using folder = aFolder();
    const own = anAttempt(folder.path);
    const logs = createJobLogs(folder.path, fakeClock());
    writeFileSync(join(folder.path, 'secret'), 'secret');
    symlinkSync(join(folder.path, 'secret'), join(own, 'log'));
    expect((await logs.read(attempt, part())).text).toBe('');
    execFileSync('rm', [join(own, 'log')]);
    execFileSync('mkfifo', [join(own, 'log')]);
    expect((await logs.read(attempt, part())).text).toBe('');
  });

  it.each(['../secret', 'a/b', '', '.', 'unknown'])('%j names no attempt', async (id) => {
    using folder = aFolder();
    await expect(createJobLogs(folder.path, fakeClock()).read(id, part())).rejects.toMatchObject({
      code: 'record-missing',
    });
  });
});
