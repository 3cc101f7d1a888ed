import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text as textOf } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { systemClock } from '#lib/system-clock';
import { type ContainerOptions, type Handler, openContainer } from '../../local/host/openfaas/container.ts';
import { writeImageFolder } from '../../local/host/openfaas/image.ts';
import { aContainerCode } from '../builders/a-container-code.ts';
import { aFolder } from '../builders/a-folder.ts';
import { fakeClock } from '../builders/fake-clock.ts';

const echo: Handler = async (input, context) => ({ input, ...context });

const open = async (handler: Handler = echo, more: Partial<ContainerOptions> = {}) => {
  const container = await openContainer({
    ...{ name: 'echo', handler, clock: systemClock, address: '127.0.0.1', port: 0 },
    ...{ timeoutS: 30, memoryMb: 256, mostInFlight: 4, ...more },
  });
  onTestFinished(async () => {
    await container.drain(0, 0);
  });
  const url = `http://127.0.0.1:${container.port}`;
  return {
    container,
    url,
    call: (body: string, init: RequestInit = {}) => fetch(url, { method: 'POST', body, ...init }),
  };
};

describe('the container of a function', () => {
  test('answers calls at any path, with the id that they came with', async () => {
    const { url } = await open();
    const answer = await fetch(`${url}/any/path?x=1`, {
      method: 'POST',
      body: '{"n":1}',
      headers: { 'x-call-id': 'call-1' },
    });
    expect([answer.status, answer.headers.get('x-call-id')]).toEqual([200, 'call-1']);
    expect(await answer.json()).toMatchObject({ input: { n: 1 }, awsRequestId: 'call-1', functionName: 'echo' });
  });

  test('is well, and ready until it has as many calls as it may', async () => {
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const { url, call } = await open(
      () => {
        begun.resolve();
        return held;
      },
      { mostInFlight: 1 },
    );
    expect((await fetch(`${url}/_/ready`)).status).toBe(200);
    const first = call('{}');
    await begun.promise;
    expect([(await fetch(`${url}/_/health`)).status, (await fetch(`${url}/_/ready`)).status]).toEqual([200, 429]);
    const second = await call('{}');
    expect([second.status, second.headers.get('retry-after')]).toEqual([429, '1']);
    letGo();
    expect((await first).status).toBe(200);
  });

  test('lets in no more than it may of those that come together', async () => {
    const { container } = await open(async () => 'done', { mostInFlight: 2 });
    const whenRefused = Promise.withResolvers<void>();
    let refused = 0;
    const sockets = Array.from({ length: 6 }, () => {
      const socket = connect(container.port, '127.0.0.1');
      socket.write('POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\n');
      socket.once('data', () => {
        refused += 1;
        if (refused === 4) whenRefused.resolve();
      });
      return { socket, answer: textOf(socket) };
    });
    // Nobody has sent more than a head.
    await whenRefused.promise;
    for (const { socket } of sockets) socket.end('{}');
    const answers = await Promise.all(sockets.map(({ answer }) => answer));
    expect(answers.map((text) => text.slice(9, 12)).sort()).toEqual(['200', '200', '429', '429', '429', '429']);
  });

  test.each([
    ['no JSON', '{', 400],
    ['an id that is none', '{}', 400],
    ['more than 6 MiB', JSON.stringify('x'.repeat(6 * 2 ** 20)), 413],
  ])('refuses %s', async (what, body, status) => {
    const { call } = await open();
    const headers = what.startsWith('an id') ? { 'x-call-id': '../x' } : {};
    expect((await call(body, { headers })).status).toBe(status);
  });

  test('gives up a call that takes too long, and an answer that is too large', async () => {
    const { call } = await open(() => new Promise(() => undefined), { timeoutS: 0.02 });
    const late = await call('{}');
    expect([late.status, late.headers.get('x-function-error')]).toEqual([504, 'Sandbox.Timedout']);
    const large = await (await open(async () => 'x'.repeat(7_000_000))).call('{}');
    expect([large.status, large.headers.get('x-function-error')]).toEqual([502, 'Function.ResponseSizeTooLarge']);
  });

  test('that leaves says so, answers what it has begun, and then nothing', async () => {
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const clock = fakeClock();
    const handler: Handler = () => {
      begun.resolve();
      return held;
    };
    const { container, url, call } = await open(handler, { clock });
    const answer = call('{}');
    await begun.promise;
    const leaving = container.drain(5, 30);
    expect((await fetch(`${url}/_/health`)).status).toBe(503);
    await clock.advance(5_000);
    letGo();
    expect((await answer).status).toBe(200);
    expect(await leaving).toBe(0);
    await expect(call('{}')).rejects.toThrow();
  });
});

const Line = z.object({ message: z.string(), port: z.number().optional(), calls: z.number().optional() });

describe('the folder of an image', () => {
  /** Runs its program as the container would, outside of one. */
  const run = async (folder: string, environment: Readonly<Record<string, string>> = {}) => {
    const child = spawn(process.execPath, [join(folder, 'container.cjs')], {
      env: {
        AWS_LAMBDA_FUNCTION_NAME: 'behave',
        LAMBDA_TASK_ROOT: join(folder, 'task'),
        port: '0',
        healthcheck_interval: '0',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async (): Promise<string> => (await lines.next()).value ?? '';
    return { child, next, exit: once(child, 'exit'), errors: child.stderr.toArray() };
  };
  const aBuiltFolder = async (home: string): Promise<string> => {
    const folder = join(home, 'image');
    await writeImageFolder(aContainerCode(home), folder);
    return folder;
  };

  test('has the function, its server and the Containerfile, and is written into no other', async () => {
    using home = aFolder();
    const code = aContainerCode(home.path);
    const folder = join(home.path, 'image');
    await writeImageFolder(code, folder);
    expect(readdirSync(folder).sort()).toEqual(['Containerfile', 'container.cjs', 'task']);
    expect(readFileSync(join(folder, 'Containerfile'), 'utf8')).toMatch(/^USER 10001:10001$/m);
    await expect(writeImageFolder(code, folder)).rejects.toMatchObject({ code: 'folder-unusable' });
  });

  test('serves the function, and after SIGTERM lets a call end before it goes', async () => {
    using home = aFolder();
    const { child, next, exit } = await run(await aBuiltFolder(home.path));
    const { port, message } = Line.parse(JSON.parse(await next()));
    expect(message).toBe('function is served');
    const call = (event: object) => fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: JSON.stringify(event) });
    const failed = await call({ act: 'throw' });
    expect([failed.status, failed.headers.get('x-function-error')]).toEqual([502, 'SiteFault']);
    const path = join(home.path, 'go');
    const held = call({ act: 'hold', path });
    expect(await next()).toBe('holding');
    child.kill('SIGTERM');
    expect(Line.parse(JSON.parse(await next())).message).toBe('function leaves');
    writeFileSync(path, '');
    expect((await held).status).toBe(200);
    expect(await exit).toEqual([0, null]);
  });

  test('cuts off at last what does not end, and says how many calls that were', async () => {
    using home = aFolder();
    const { child, next, exit } = await run(await aBuiltFolder(home.path), { write_timeout: '50ms' });
    const { port } = Line.parse(JSON.parse(await next()));
    const held = fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      body: JSON.stringify({ act: 'hold', path: join(home.path, 'never') }),
    });
    const cut = expect(held).rejects.toThrow();
    expect(await next()).toBe('holding');
    child.kill('SIGTERM');
    await next();
    expect(Line.parse(JSON.parse(await next()))).toMatchObject({ calls: 1, message: 'calls were cut off' });
    await cut;
    expect(await exit).toEqual([1, null]);
  });

  test.each([
    [{ exec_timeout: 'soon' }, /exec_timeout/],
    [{ _HANDLER: '../../evil.handler' }, /_HANDLER/],
    [{ _HANDLER: 'index.none' }, /index\.none is no function/],
  ])('says what is wrong with its environment: %j', async (environment, words) => {
    using home = aFolder();
    const { exit, errors } = await run(await aBuiltFolder(home.path), environment);
    expect(await exit).toEqual([1, null]);
    expect(Buffer.concat(await errors).toString()).toMatch(words);
  });
});
