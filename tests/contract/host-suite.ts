import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { responseLimitBytes } from '../../local/host/runner.ts';
import type { RuntimeClient } from '../../local/host/runtime/runtime-client.ts';
import { aFunctionHost, aFunctionSpec, answerIn, failureIn, processState } from '../builders/a-function-host.ts';

const Counted = z.object({ calls: z.int(), pid: z.int() });
const exitError = (requestId: string, words: string) => ({
  errorType: 'Runtime.ExitError',
  errorMessage: `RequestId: ${requestId} Error: ${words}`,
});

/** What holds of a function host, whichever runtime client its instances run. */
export const hostSuite = (client: RuntimeClient): void => {
  describe(`instances under ${client.title}`, () => {
    test('a function finds its event, its context and its own environment', async () => {
      const functions = [aFunctionSpec({ environment: { SECRET: 'pion' }, timeoutS: 20 })];
      await using given = aFunctionHost({ client, functions });
      const context = Buffer.from('{"custom":{"who":"Łucja"}}').toString('base64');
      const outcome = await given.host.invoke({
        name: 'behave',
        payload: '{"run":"102363","größe":1}',
        requestId: 'r-1',
        clientContext: context,
        traceId: 'Root=1-5759e988-bd862e3fe1be46a994272793',
      });
      const found = answerIn(outcome);
      expect(found).toMatchObject({
        event: { run: '102363', größe: 1 },
        awsRequestId: 'r-1',
        functionName: 'behave',
        functionVersion: '$LATEST',
        memoryLimitInMB: '256',
        invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000002:function:behave',
        logGroupName: '/aws/lambda/behave',
        clientContext: { custom: { who: 'Łucja' } },
        trace: 'Root=1-5759e988-bd862e3fe1be46a994272793',
        secret: 'pion',
      });
      // What this process has in its environment is not the function's.
      expect(found).not.toHaveProperty('home');
      const { leftMs } = z.object({ leftMs: z.number() }).parse(found);
      expect(leftMs).toBeGreaterThan(0);
      expect(leftMs).toBeLessThanOrEqual(20_000);
    });

    test('one call after the other finds the same instance warm', async () => {
      await using given = aFunctionHost({ client });
      const first = Counted.parse(answerIn(await given.call({ act: 'count' })));
      const second = Counted.parse(answerIn(await given.call({ act: 'count' })));
      expect(second).toEqual({ calls: 2, pid: first.pid });
      expect(given.host.describe('behave')).toMatchObject({ instances: 1, busy: 0, counts: { coldStarts: 1 } });
    });

    test('an error that is thrown is told with its name, and the instance lives on', async () => {
      await using given = aFunctionHost({ client });
      const before = Counted.parse(answerIn(await given.call({ act: 'count' })));
      expect(failureIn(await given.call({ act: 'throw' }))).toMatchObject({
        errorType: 'TypeError',
        errorMessage: 'no such detector',
        trace: expect.arrayContaining(['TypeError: no such detector']),
      });
      expect(failureIn(await given.call({ act: 'reject' }))).toMatchObject({ errorType: 'Transient' });
      const after = Counted.parse(answerIn(await given.call({ act: 'count' })));
      expect(after.pid).toBe(before.pid);
      expect(given.host.describe('behave')?.counts).toMatchObject({ failures: 2, crashes: 0 });
    });

    test.each([
      [{ act: 'exit', code: 3 }, 'Runtime exited with error: exit status 3'],
      [{ act: 'exit', code: 0 }, 'Runtime exited without providing a reason'],
      [{ act: 'die', signal: 'SIGKILL' }, 'Runtime exited with error: signal: killed'],
      [{ act: 'die', signal: 'SIGSEGV' }, 'Runtime exited with error: signal: segmentation fault'],
    ])('an instance that ends by %o is told as AWS tells it, and the next call gets another', async (event, words) => {
      await using given = aFunctionHost({ client });
      const outcome = await given.call(event, 'behave', 'r-7');
      expect(failureIn(outcome)).toEqual(exitError('r-7', words));
      expect(outcome).toMatchObject({ logTail: expect.stringContaining('Error Type: Runtime.ExitError') });
      expect(Counted.parse(answerIn(await given.call({ act: 'count' }))).calls).toBe(1);
      expect(given.host.describe('behave')?.counts).toMatchObject({ crashes: 1, coldStarts: 2 });
    });

    test('a function that never returns is ended at its time, with all that it started', async () => {
      await using given = aFunctionHost({ client, functions: [aFunctionSpec({ timeoutS: 1 })] });
      const outcome = await given.call({ act: 'fork', isDetached: true, thenSpin: true }, 'behave', 'r-9');
      expect(failureIn(outcome)).toEqual({
        errorType: 'Sandbox.Timedout',
        errorMessage: 'RequestId: r-9 Error: Task timed out after 1.00 seconds',
      });
      const log = 'logTail' in outcome ? outcome.logTail : '';
      expect(log).toMatch(/^\d{4}-\S+Z r-9 Task timed out after 1\.00 seconds$/m);
      const child = Number(/child (\d+)/.exec(log)?.[1]);
      expect(child).toBeGreaterThan(1);
      await vi.waitFor(() => expect(processState(child)).toBeUndefined());
      expect(given.host.describe('behave')).toMatchObject({ instances: 0 });
    });

    test('what a function left running ends with the host', async () => {
      const given = aFunctionHost({ client });
      const children = [
        answerIn(await given.call({ act: 'fork', isDetached: true })),
        answerIn(await given.call({ act: 'fork', isDetached: false })),
      ].map(Number);
      expect(children.map(processState)).not.toContain(undefined);
      await given[Symbol.asyncDispose]();
      await vi.waitFor(() => expect(children.map(processState)).toEqual([undefined, undefined]));
    });

    test('a function that holds more memory than it may is ended', async () => {
      await using given = aFunctionHost({ client, functions: [aFunctionSpec({ memoryMb: 128 })] });
      const outcome = await given.call({ act: 'hoard', mb: 200 }, 'behave', 'r-m');
      expect(failureIn(outcome)).toEqual({
        errorType: 'Runtime.OutOfMemory',
        errorMessage: 'RequestId: r-m Error: Runtime exited with error: signal: killed',
      });
      expect(outcome).toMatchObject({ report: { memoryMb: 128 } });
      expect('report' in outcome && outcome.report.maxMemoryMb).toBeGreaterThan(128);
    });

    test('an answer may be as large as the limit and no larger', async () => {
      await using given = aFunctionHost({ client });
      const whole = await given.call({ act: 'big', sizeBytes: responseLimitBytes });
      expect(whole.kind === 'answered' && whole.payload.length).toBe(responseLimitBytes);
      const { pid } = Counted.parse(answerIn(await given.call({ act: 'count' })));
      expect(failureIn(await given.call({ act: 'big', sizeBytes: responseLimitBytes + 1 }))).toEqual({
        errorType: 'Function.ResponseSizeTooLarge',
        errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
      });
      expect(Counted.parse(answerIn(await given.call({ act: 'count' }))).pid).toBe(pid);
    });

    test.each([
      ['throws', { errorType: 'RangeError', errorMessage: 'cannot begin' }],
      ['empty', { errorType: 'Runtime.HandlerNotFound', errorMessage: 'index.handler is undefined or not exported' }],
    ])('a code that cannot be loaded (%s) says why', async (code, failure) => {
      await using given = aFunctionHost({ client, functions: [aFunctionSpec({ code })] });
      expect(failureIn(await given.call({}))).toMatchObject(failure);
      expect(given.host.describe('behave')).toMatchObject({ instances: 0, counts: { crashes: 1 } });
    });

    test('an instance that is killed from outside fails its call at once', async () => {
      await using given = aFunctionHost({ client });
      const { pid } = Counted.parse(answerIn(await given.call({ act: 'count' })));
      const call = given.call({ act: 'hold', path: join(given.folder, 'never') }, 'behave', 'r-k');
      process.kill(pid, 'SIGKILL');
      expect(failureIn(await call)).toEqual(exitError('r-k', 'Runtime exited with error: signal: killed'));
    });

    test('two hundred calls at once share four instances, and each gets its own answer', async () => {
      await using given = aFunctionHost({ client });
      const ids = Array.from({ length: 200 }, (_, n) => `r-${n}`);
      const outcomes = await Promise.all(ids.map((id) => given.call({}, 'behave', id)));
      expect(
        outcomes.map((outcome) => z.object({ awsRequestId: z.string() }).parse(answerIn(outcome)).awsRequestId),
      ).toEqual(ids);
      expect(given.host.describe('behave')).toMatchObject({
        instances: 4,
        counts: { invocations: 200, coldStarts: 4 },
      });
    });

    test('the log of a call is its own: what it said, between its start and its report', async () => {
      await using given = aFunctionHost({ client });
      await given.call({ act: 'say', lines: ['before'] });
      const outcome = await given.call({ act: 'say', lines: ['one', 'Übergang'] }, 'behave', 'r-l');
      const lines = ('logTail' in outcome ? outcome.logTail : '').trimEnd().split('\n');
      expect(lines).toEqual([
        'START RequestId: r-l Version: $LATEST',
        expect.stringMatching(/^\d{4}-\S+Z\tr-l\tINFO\tone$/),
        expect.stringMatching(/^\d{4}-\S+Z\tr-l\tINFO\tÜbergang$/),
        'END RequestId: r-l',
        expect.stringMatching(
          /^REPORT RequestId: r-l\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\tMax Memory Used: \d+ MB/,
        ),
      ]);
    });

    test('endless logs slow down who writes them, and nobody else', async () => {
      const functions = [aFunctionSpec({ name: 'loud', timeoutS: 1 }), aFunctionSpec()];
      await using given = aFunctionHost({ client, functions });
      await given.call({ act: 'count' });
      const loud = given.call({ act: 'flood' }, 'loud');
      const answers = await Promise.all(Array.from({ length: 20 }, () => given.call({ act: 'count' })));
      expect(answers.map(({ kind }) => kind)).toEqual(Array.from({ length: 20 }, () => 'answered'));
      const outcome = await loud;
      expect(failureIn(outcome)).toMatchObject({ errorType: 'Sandbox.Timedout' });
      expect(Buffer.byteLength('logTail' in outcome ? outcome.logTail : '')).toBeLessThanOrEqual(4096);
      const kept = given.host.logs('loud').reduce((sum, { text }) => sum + text.length, 0);
      expect(kept).toBeLessThanOrEqual(1_000_000);
    });

    test('a frozen instance has no processor time, and thaws for its next call', async () => {
      await using given = aFunctionHost({ client, limits: { freezeAfterS: 0 } });
      const { pid } = Counted.parse(answerIn(await given.call({ act: 'count' })));
      await vi.waitFor(() => expect(processState(pid)).toBe('T'), 10_000);
      expect(Counted.parse(answerIn(await given.call({ act: 'count' })))).toEqual({ calls: 2, pid });
    });

    test('calls wait for the gate of the one before, then run', async () => {
      const functions = [aFunctionSpec({ concurrency: 1 })];
      await using given = aFunctionHost({ client, functions });
      const gate = join(given.folder, 'open');
      const held = given.call({ act: 'hold', path: gate });
      const waiting = given.call({ act: 'count' });
      writeFileSync(gate, '');
      const pid = answerIn(await held);
      expect(Counted.parse(answerIn(await waiting))).toEqual({ calls: 1, pid });
    });
  });
};
