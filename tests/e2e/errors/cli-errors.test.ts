import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { say } from './error-house.ts';

/** What the command line itself can tell, with the exit code that goes with it. */
const aServer = async () => {
  const server = createServer((_, response) => response.end('<html>something else</html>')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: async () => void server.close() };
};

test('usage: a word that is out of its range', async () => {
  expect(await say('papilio', ['event', 'list', '--limit', 'many'])).toMatchObject({ code: 'usage', exit: 2 });
});

test('unreachable: nothing listens there', async () => {
  expect(await say('papilio', ['status', '--url', 'http://127.0.0.1:9'])).toMatchObject({
    code: 'unreachable',
    exit: 6,
  });
});

test('answer-invalid: another program listens there', async () => {
  await using server = await aServer();
  const said = await say('papilio', ['status', '--url', server.url]);
  expect(said).toMatchObject({ code: 'answer-invalid' });
  expect(said.exit).not.toBe(0);
});

test('timeout: what is waited for takes longer', async () => {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const said = await say('papilio', ['status', '--url', `http://127.0.0.1:${port}`, '--timeout', '0.3']);
  server.closeAllConnections();
  server.close();
  expect(said).toMatchObject({ code: 'timeout', exit: 124 });
});
