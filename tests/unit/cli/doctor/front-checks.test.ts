import { expect, test } from 'vitest';
import { checkFront } from '../../../../clients/cli/doctor/front-checks.ts';
import { UsageError } from '../../../../clients/cli/failure.ts';
import { createClient } from '../../../../clients/http/client.ts';
import { aWebServer, type Reply, sayJson } from '../../../builders/a-web-server.ts';

const { signal } = new AbortController();

const version = { name: 'papilio', build: 'papilio-0.1.0', instance: 'prod', wing: 'bnl', epoch: 1, api: 'v1' };

/** Levels and words of what is found at a server that answers so. */
const found = async (reply: Reply, patienceMs?: number) => {
  const { url } = await aWebServer(reply);
  const { checks } = await checkFront(createClient(url), signal, patienceMs);
  return checks.map(({ check, level, what, todo = '' }) => `${check} ${level}: ${what} (${todo})`);
};

test('a front that takes the connection and says nothing is not waited for', async () => {
  const [reach, ...others] = await found(() => undefined, 50);
  expect(reach).toMatch(/^reach problem: .*gives no answer in 50 ms \(.*SIGSTOP/);
  expect(others.map((line) => line.split(':')[0])).toEqual(['clock unseen', 'token unseen', 'planes unseen']);
});

test('somebody else who answers there is no papilio', async () => {
  expect((await found(sayJson({ hello: 'world' })))[0]).toMatch(/^reach problem: The answer is not papilio’s/);
  expect((await found(sayJson('nothing here', 404)))[0]).toMatch(/^reach problem: The answer is not papilio’s/);
});

test('a connection that breaks in the middle of an answer is a problem, and not the doctor’s end', async () => {
  const [reach] = await found((_request, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('{"name":', () => response.destroy());
  });
  expect(reach).toMatch(/^reach problem: /);
});

test('a front that answers for itself and no more shows what is behind it', async () => {
  const checks = await found((request, response) => {
    if (request.path === '/v1/version') sayJson(version)(request, response);
    else response.destroy();
  });
  expect(checks.map((line) => line.split(':')[0])).toEqual([
    'reach ok',
    'clock ok',
    'token problem',
    'version ok',
    'planes problem',
  ]);
});

test('a token that cannot be had is told in the words of whoever has it', async () => {
  const { url } = await aWebServer(sayJson(version));
  const token = () => Promise.reject(new UsageError('the login has ended', 'papilio login'));
  const { checks } = await checkFront(createClient(url, { token }), signal);
  expect(checks[0]).toMatchObject({ level: 'problem', what: 'the login has ended', todo: 'papilio login' });
});

test('who stops is not kept until the end', async () => {
  const { url } = await aWebServer(() => undefined);
  const stop = AbortSignal.abort(new Error('stopped'));
  await expect(checkFront(createClient(url), stop)).rejects.toThrow('stopped');
});
