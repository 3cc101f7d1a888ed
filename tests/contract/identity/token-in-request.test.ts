import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anApi, type TestApi } from '../../builders/an-api.ts';
import { aWorld, tokenWith, type World } from './world.ts';

let world: World;
let api: TestApi;
let port: number;
let token: string;
beforeAll(async () => {
  world = await aWorld();
  api = await anApi({ identity: world.identity });
  port = Number(new URL(await api.app.listen({ host: '127.0.0.1', port: 0 })).port);
  token = tokenWith(world);
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

/** Sends bytes as they are and gives the whole answer. */
const say = (bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      answer += text;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
const asking = (headers: readonly string[], target = '/v1/runs') =>
  say([`GET ${target} HTTP/1.1`, 'Host: 127.0.0.1', 'Connection: close', ...headers, '', ''].join('\r\n'));
const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);

test.each<[string, (good: string) => readonly string[]]>([
  ['as the RFC has it', (good) => [`Authorization: Bearer ${good}`]],
  ['in small letters', (good) => [`authorization: bearer ${good}`]],
  ['with spaces around', (good) => [`Authorization:   Bearer   ${good}  `]],
])('a good token %s is taken', async (_how, headers) => {
  expect(statusOf(await asking(headers(token)))).toBe(200);
});

test.each<[string, number, (good: string) => readonly string[]]>([
  ['in two headers', 401, (good) => [`Authorization: Bearer ${good}`, `Authorization: Bearer ${good}`]],
  ['before a bad one', 401, (good) => [`Authorization: Bearer ${good}`, 'Authorization: Bearer a.b.c']],
  ['after a bad one', 401, (good) => ['Authorization: Bearer a.b.c', `authorization: Bearer ${good}`]],
  ['behind a comma', 401, (good) => [`Authorization: Bearer a.b.c, Bearer ${good}`]],
  ['as a password', 401, (good) => [`Authorization: Basic ${Buffer.from(`x:${good}`).toString('base64')}`]],
  ['under another scheme', 401, (good) => [`Authorization: DPoP ${good}`]],
  ['without a scheme', 401, (good) => [`Authorization: ${good}`]],
  ['without a space', 401, (good) => [`Authorization: Bearer${good}`]],
  ['after a tab', 401, (good) => [`Authorization: Bearer\t${good}`]],
  ['in quotation marks', 401, (good) => [`Authorization: Bearer "${good}"`]],
  ['with words after it', 401, (good) => [`Authorization: Bearer ${good} role=admin`]],
  ['cut in two by a space', 401, (good) => [`Authorization: Bearer ${good.slice(0, 40)} ${good.slice(40)}`]],
  ['with a letter of another alphabet', 401, (good) => [`Authorization: Bearer ${good}\u00e9`]],
  ['in a proxy’s header', 401, (good) => [`Proxy-Authorization: Bearer ${good}`]],
  ['in a header that a gateway may set', 401, (good) => [`X-Forwarded-Authorization: Bearer ${good}`]],
  ['in a header of its own', 401, (good) => [`X-Access-Token: ${good}`, `Access-Token: ${good}`]],
  ['in a cookie', 401, (good) => [`Cookie: access_token=${good}`]],
  ['in a folded header', 400, (good) => ['Authorization: Bearer', ` ${good}`]],
  ['after a zero byte', 400, (good) => [`Authorization: Bearer \u0000${good}`]],
  ['with a line break of one character', 400, (good) => [`Authorization: Bearer ${good}\nX-Role: admin`]],
  ['with a space before the colon', 400, (good) => [`Authorization : Bearer ${good}`]],
  ['with forty kilobytes of headers', 431, (good) => [`Authorization: Bearer ${good}`, `X: ${'x'.repeat(40_000)}`]],
])('a good token %s is refused (%i)', async (_how, status, headers) => {
  const answer = await asking(headers(token));
  expect(statusOf(answer), answer).toBe(status);
  expect(answer).not.toContain('    at ');
});

test.each(['access_token', 'token', 'bearer_token', 'authorization', 'id_token'])(
  'a good token in the address (%s) is no token, and does not come back in the answer',
  async (name) => {
    const answer = await asking([], `/v1/me?${name}=${token}`);
    expect(statusOf(answer), answer).toBe(401);
    expect(answer).not.toContain(token);
  },
);

test.each([
  ['where there is no page', 404, '/v1/nowhere'],
  ['where nothing can be read', 400, '/v1/runs/%zz'],
])('a good token in an address %s does not come back in the answer', async (_where, status, path) => {
  const answer = await asking([], `${path}?access_token=${token}`);
  expect(statusOf(answer), answer).toBe(status);
  expect(answer).not.toContain(token.slice(0, 30));
});

test('a good token in the body of a form is no token', async () => {
  const body = `access_token=${token}`;
  const type = 'Content-Type: application/x-www-form-urlencoded';
  const answer = await say(
    `POST /v1/processing/suspend HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  expect(statusOf(answer), answer).toBe(401);
});

test('a refused token does not come back in the answer', async () => {
  const refused = tokenWith(world, { aud: 'https://other.example' });
  const answer = await asking([`Authorization: Bearer ${refused}`]);
  expect(statusOf(answer)).toBe(401);
  for (const part of refused.split('.')) expect(answer).not.toContain(part);
});
