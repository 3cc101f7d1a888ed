import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, test } from 'vitest';
import { ProblemDetails } from '#schema/problem';
import { anApi, type TestApi } from '../builders/an-api.ts';
import { act, end, get, inBodies, inHeaders, inTheRequestLine, own } from './attacks/http-bytes.ts';

/** Whatever comes over the socket: a problem of the 4xx, or the connection is closed; and whoever asks well is answered. */
let api: TestApi;
let port: number;
const limits = { headersTimeoutMs: 300, requestTimeoutMs: 600, checkEveryMs: 50, connections: 200 };
beforeAll(async () => {
  api = await anApi({ limits });
  port = Number(new URL(await api.app.listen({ host: '127.0.0.1', port: 0 })).port);
});
afterAll(() => api[Symbol.asyncDispose]());

const open = async (): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
};

/** Everything that the other side says until it closes. */
const heardOn = async (socket: Socket): Promise<string> => {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(chunks).toString('latin1');
};

const say = async (bytes: string | Buffer): Promise<string> => {
  const socket = await open();
  socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  return heardOn(socket);
};

/** What was heard is nothing, or answers of which the first is a problem of the 4xx, without a trace of the code. */
const expectRefusal = (heard: string): void => {
  if (heard === '') return;
  const [head = '', body = ''] = heard.split('\r\n\r\n', 2);
  expect(head).toMatch(/^HTTP\/1\.1 4\d\d /);
  expect(head.toLowerCase()).toContain('content-type: application/problem+json');
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
  const problem = ProblemDetails.parse(JSON.parse(Buffer.from(body, 'latin1').subarray(0, length).toString('utf8')));
  expect(head).toContain(` ${problem.status} `);
  expect(heard).not.toMatch(/node_modules|\.ts:|at async|HTTP\/1\.1 5/);
};

const expectGoodAnswer = async (): Promise<void> => {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/version`);
  expect([answer.status, await answer.json()]).toMatchObject([200, { name: 'papilio' }]);
};

describe.each([
  ['in the request line', inTheRequestLine],
  ['in headers', inHeaders],
  ['in a body', inBodies],
])('an attack %s', (_, attacks) => {
  it.each(Object.entries(attacks))('%s is refused, and whoever asks well is answered', async (_name, bytes) => {
    expectRefusal(await say(bytes));
    await expectGoodAnswer();
  });
});

/** Writes the same bytes again and again for as long as the other side takes them. */
const flood = async (first: string, again: Buffer): Promise<{ readonly heard: string; readonly sentBytes: number }> => {
  const socket = await open();
  const hearing = heardOn(socket);
  socket.write(first);
  let sentBytes = 0;
  while (!socket.destroyed && socket.writable) {
    sentBytes += again.length;
    if (socket.write(again)) await new Promise((resolve) => setImmediate(resolve));
    else await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => undefined);
  }
  return { heard: await hearing, sentBytes };
};

/** Says its words one by one, each as soon as somebody else was answered. */
const dribble = async (words: Iterable<string>): Promise<string> => {
  const socket = await open();
  const hearing = heardOn(socket);
  for (const word of words) {
    if (socket.destroyed || !socket.writable) break;
    socket.write(word);
    await expectGoodAnswer();
  }
  return hearing;
};

function* endless(first: string, again: string): Iterable<string> {
  yield first;
  for (;;) yield again;
}

describe('who sends without an end', () => {
  const definition = 'POST /v1/workflows/test HTTP/1.1\r\n';
  it.each([
    ['a body of 100 MB', `${act}${own}Content-Length: 100000000\r\n${end}`, Buffer.alloc(65_536, 'a')],
    [
      'chunks',
      `${act}${own}Transfer-Encoding: chunked\r\n${end}`,
      Buffer.from('10\r\naaaaaaaaaaaaaaaa\r\n'.repeat(1000)),
    ],
    [
      'brackets',
      `${definition}${own}Transfer-Encoding: chunked\r\n${end}`,
      Buffer.from(`10000\r\n${'['.repeat(65_536)}\r\n`),
    ],
    ['chunk extensions', `${act}${own}Transfer-Encoding: chunked\r\n${end}1;`, Buffer.alloc(65_536, 'x')],
    ['headers', 'GET /v1/version HTTP/1.1\r\n', Buffer.from('X: y\r\n'.repeat(1000))],
    ['trailers', `${act}${own}Transfer-Encoding: chunked\r\n${end}0\r\n`, Buffer.from('X: y\r\n'.repeat(1000))],
    ['a request line', 'GET /', Buffer.alloc(65_536, 'a')],
    ['a body without a token', `${act}Transfer-Encoding: chunked\r\n${end}`, Buffer.from('1\r\na\r\n'.repeat(10_000))],
  ])('%s is cut off', async (_, first, again) => {
    const { heard } = await flood(first, again);
    expectRefusal(heard);
    await expectGoodAnswer();
  });

  it('requests one after the other without reading an answer is answered no faster than it reads', async () => {
    const socket = await open();
    const request = get('/v1/version', 'X: y\r\n').replace('Connection: close\r\n', '');
    socket.pause();
    for (let nth = 0; nth < 2_000; nth++) socket.write(request);
    await expectGoodAnswer();
    socket.destroy();
    await expectGoodAnswer();
  });
});

describe('who is slow', () => {
  it.each([
    ['in the request line', endless('G', 'E')],
    ['in its headers', endless('GET /v1/version HTTP/1.1\r\nHost: 127.0.0.1\r\n', 'X: y\r\n')],
    ['in its body', endless(`${act}${own}Content-Length: 60000\r\n${end}`, ' ')],
    ['in its chunks', endless(`${act}${own}Transfer-Encoding: chunked\r\n${end}`, '1\r\n \r\n')],
  ])('%s is cut off, and everybody else is answered all the while', async (_, words) => {
    expectRefusal(await dribble(words));
  });

  it('to say anything at all is told so', async () => {
    const heard = await heardOn(await open());
    expectRefusal(heard);
    expect(heard).toContain('408');
    expect(heard).toContain('"request-slow"');
  });
});

test('more live streams than the front holds are refused with live-clients-too-many', async () => {
  await using small = await anApi({ live: { clients: 2 } });
  const url = await small.app.listen({ host: '127.0.0.1', port: 0 });
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  const listen = () => fetch(`${url}/v1/events`, { headers: { accept: 'text/event-stream' }, signal: leaving.signal });
  expect([(await listen()).status, (await listen()).status]).toEqual([200, 200]);
  const refused = await listen();
  expect(refused.status).toBe(503);
  expect(ProblemDetails.parse(await refused.json()).code).toBe('live-clients-too-many');
});

describe('10,000 silent connections', () => {
  it('lock nobody out, and are never more than the front holds', async () => {
    const silent: Socket[] = [];
    let most = 0;
    for (let batch = 0; batch < 50; batch++) {
      silent.push(...(await Promise.all(Array.from({ length: 200 }, open))));
      const held = await new Promise<number>((resolve) => api.app.server.getConnections((_, count) => resolve(count)));
      most = Math.max(most, held);
      await expectGoodAnswer();
    }
    expect(silent).toHaveLength(10_000);
    expect(most).toBeLessThanOrEqual(2 * limits.connections);
    for (const socket of silent) socket.destroy();
    await expectGoodAnswer();
  });
});
