import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { defineFunction } from '#lib/function';
import type { Functions } from '#ports/functions';
import type { Objects } from '#ports/objects';
import { aDeps, type TestDeps } from '../builders/a-deps.ts';
import type { Handler } from '../builders/a-memory-host.ts';
import { aWebServer } from '../builders/a-web-server.ts';

/** Functions as the suite looks at them. */
export type OpenFunctions = {
  readonly functions: Functions;
  /** Where large inputs travel. */
  readonly objects: Objects;
  readonly callbacks: 'posted' | 'refused';
};

/** What a function was called with. */
export type Seen = { readonly input: unknown; readonly requestId: string };

/** Opens a back end that has these functions; `slow` does not end in time. */
export type OpenBackEnd = (handlers: Readonly<Record<string, Handler>>, deps: TestDeps) => Promise<OpenFunctions>;

const Context = z.object({ awsRequestId: z.string() });

/** The functions of the suite: one is made as papilio's are. */
const handlersOf = (deps: TestDeps, seen: (call: Seen) => void): Readonly<Record<string, Handler>> => ({
  echo: async (input, context) => {
    seen({ input, requestId: Context.parse(context).awsRequestId });
    return { input };
  },
  nothing: async () => undefined,
  broken: async () => {
    throw new TypeError('fourteen');
  },
  full: async () => {
    throw new PapilioError('facility-unavailable', 'thirteen');
  },
  slow: async () => {
    throw Object.assign(new Error(), { name: 'Slow' });
  },
  'catalogue-stf': defineFunction({
    name: 'catalogue-stf',
    effect: 'none',
    input: z.object({ text: z.string() }),
    output: z.object({ chars: z.number() }),
    run: async ({ text }) => {
      seen({ input: text.length, requestId: '' });
      return { chars: text.length };
    },
  }).handlerWith(async () => deps),
});

/** Texts that could be read as more than a name: paths, headers, hosts, escapes. */
const notNames = fc.oneof(
  fc.constantFrom('../echo', '..%2fecho', 'echo/../nothing', 'echo\r\nX-Evil: 1', 'echo?x=1', 'echo#x', 'Echo', ''),
  fc.constantFrom('a.b', 'echo ', `${'x'.repeat(64)}`, '-echo', 'echo-', 'echo:1', 'arn:aws:lambda:x', '/', '\u0000'),
  fc.string({ unit: 'binary' }).filter((text) => !/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text)),
);

/** What every back end of functions keeps to. */
export const functionsSuite = (kind: string, openBackEnd: OpenBackEnd): void => {
  const open = async () => {
    const deps = aDeps();
    const seen: Seen[] = [];
    const whenSeen = Promise.withResolvers<Seen>();
    const see = (call: Seen) => {
      seen.push(call);
      whenSeen.resolve(call);
    };
    const opened = await openBackEnd(handlersOf(deps, see), deps);
    return { ...opened, seen, firstSeen: whenSeen.promise };
  };

  describe(`functions, ${kind}`, () => {
    test('a call gives what the function gives, as JSON carries it', async () => {
      const { functions } = await open();
      const input = { text: 'ß \uFFFE "\n', list: [null, 1.5, { deep: [] }], none: null };
      expect(await functions.call('echo', input)).toEqual({ input });
      expect(await functions.call('echo', null)).toEqual({ input: null });
      expect(await functions.call('nothing', {})).toBeNull();
    });

    test('an error of the catalogue comes back as it was', async () => {
      const { functions } = await open();
      const thrown = { code: 'facility-unavailable', kind: 'SiteFault', name: 'SiteFault', reason: 'thirteen' };
      await expect(functions.call('full', {})).rejects.toMatchObject(thrown);
      await expect(functions.call('catalogue-stf', { text: 5 })).rejects.toMatchObject({
        code: 'input-invalid',
        reason: expect.stringContaining('text'),
      });
    });

    test('any other error is a bug that keeps type and message', async () => {
      const { functions } = await open();
      const thrown = { code: 'bug', reason: expect.stringMatching(/^function broken: TypeError: fourteen/) };
      await expect(functions.call('broken', {})).rejects.toMatchObject(thrown);
    });

    test('a function that does not end in time is given up', async () => {
      const { functions } = await open();
      const thrown = { code: 'bug', reason: expect.stringMatching(/^function slow: Sandbox.Timedout: .*timed out/) };
      await expect(functions.call('slow', {})).rejects.toMatchObject(thrown);
    });

    test('a function that is not there is Missing, waited for or not', async () => {
      const { functions } = await open();
      const thrown = { code: 'record-missing', name: 'Missing', reason: expect.stringContaining('none-such') };
      await expect(functions.call('none-such', {})).rejects.toMatchObject(thrown);
      await expect(functions.send('none-such', {})).rejects.toMatchObject(thrown);
    });

    test('what is no name reaches no function', async () => {
      const { functions, seen } = await open();
      const refused = { code: 'input-invalid' };
      await fc.assert(
        fc.asyncProperty(notNames, async (name) => {
          await expect(functions.call(name, {})).rejects.toMatchObject(refused);
          await expect(functions.send(name, {})).rejects.toMatchObject(refused);
        }),
        { numRuns: 60 },
      );
      expect(seen).toEqual([]);
    });

    test.each([[1n], [Object.assign([], { toJSON: () => 1n })]])(
      'an input that JSON cannot carry is refused',
      async (input) => {
        const { functions } = await open();
        await expect(functions.call('echo', { input })).rejects.toMatchObject({ code: 'input-invalid' });
      },
    );

    test('an input of seven megabytes arrives, and one of a megabyte and a half that nobody waits for', async () => {
      const { functions, firstSeen, seen } = await open();
      await functions.send('catalogue-stf', { text: 'y'.repeat(1_500_000) });
      expect((await firstSeen).input).toBe(1_500_000);
      const text = 'x'.repeat(7_000_000);
      expect(await functions.call('catalogue-stf', { text })).toEqual({ chars: 7_000_000 });
      expect(await functions.call('catalogue-stf', { text })).toEqual({ chars: 7_000_000 });
      expect(seen).toHaveLength(3);
    });

    test('a call that is sent is run once, and its id is a word', async () => {
      const { functions, firstSeen, seen } = await open();
      const callId = await functions.send('echo', { n: 1 }, { callId: 'call-1' });
      const call = await firstSeen;
      expect(call.input).toEqual({ n: 1 });
      expect([callId, call.requestId]).toEqual(['call-1', 'call-1']);
      expect(await functions.call('echo', 2)).toEqual({ input: 2 });
      expect(seen).toHaveLength(2);
    });

    test.each([['a\r\nb'], ['../x'], [''], ['x'.repeat(129)], ['ü']])('%j is no id of a call', async (callId) => {
      const { functions, seen } = await open();
      await expect(functions.send('echo', {}, { callId })).rejects.toMatchObject({ code: 'input-invalid' });
      await expect(functions.call('echo', {}, { callId })).rejects.toMatchObject({ code: 'input-invalid' });
      expect(seen).toEqual([]);
    });

    test('what came of a call is posted to who asked for it, or the wish is refused', async () => {
      const { functions, callbacks, seen } = await open();
      const whenPosted = Promise.withResolvers<void>();
      const { url, seen: posted } = await aWebServer((_request, response) => {
        response.writeHead(202).end();
        whenPosted.resolve();
      });
      const sent = functions.send('echo', { n: 1 }, { callId: 'call-1', callbackUrl: `${url}/told?by=me` });
      if (callbacks === 'refused') {
        await expect(sent).rejects.toMatchObject({ code: 'input-invalid' });
        expect(seen).toEqual([]);
        return;
      }
      expect(await sent).toBe('call-1');
      await whenPosted.promise;
      expect(posted).toMatchObject([{ method: 'POST', path: '/told?by=me', body: '{"input":{"n":1}}' }]);
      expect(posted[0]?.headers).toMatchObject({
        ...{ 'x-call-id': 'call-1', 'x-function-name': 'echo', 'x-function-status': '200' },
        'x-duration-seconds': expect.stringMatching(/^\d+\.\d{6}$/),
      });
    });

    test('a failure is posted with its status and its error', async () => {
      const { functions, callbacks } = await open();
      if (callbacks === 'refused') return;
      const whenPosted = Promise.withResolvers<void>();
      const { url, seen: posted } = await aWebServer((_request, response) => {
        response.end();
        whenPosted.resolve();
      });
      await functions.send('full', {}, { callbackUrl: url });
      await whenPosted.promise;
      expect(posted[0]?.headers).toMatchObject({ 'x-function-status': '502', 'x-function-name': 'full' });
      expect(JSON.parse(posted[0]?.body ?? '')).toMatchObject({
        errorType: 'SiteFault',
        errorMessage: expect.stringMatching(/^\[facility-unavailable\] .*: thirteen$/),
      });
    });

    test.each([['ftp://a.example/'], ['not an address'], ['http://user:secret@a.example/'], ['javascript:1'], ['']])(
      '%j is no address for a callback',
      async (callbackUrl) => {
        const { functions, seen } = await open();
        await expect(functions.send('echo', {}, { callbackUrl })).rejects.toMatchObject({ code: 'input-invalid' });
        expect(seen).toEqual([]);
      },
    );

    test('the list has every function, by name', async () => {
      const { functions } = await open();
      expect(await functions.list()).toEqual(['broken', 'catalogue-stf', 'echo', 'full', 'nothing', 'slow']);
    });
  });
};
