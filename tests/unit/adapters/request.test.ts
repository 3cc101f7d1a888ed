import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { aWebServer, type Reply, sayJson } from '../../builders/a-web-server.ts';
import { onLoopback } from '../../builders/on-loopback.ts';

type Options = Readonly<Record<string, unknown>>;
const Answer = z.object({ statusCode: z.number(), headers: z.record(z.string(), z.unknown()), body: z.unknown() });

/** The package that `openfaas-client` loads under this name, and what it tells who asks by it. */
const ask = (options: Options): Promise<z.infer<typeof Answer>> =>
  new Promise((resolve, reject) => {
    const fromClient = createRequire(createRequire(import.meta.url).resolve('openfaas-client'));
    fromClient('request')(options, (error: unknown, response: unknown, body: unknown) => {
      if (error !== null) return reject(error);
      const answer = Answer.parse(response);
      expect(body).toEqual(answer.body);
      resolve(answer);
    });
  });

const asked = async (options: Options, reply: Reply = sayJson({ ok: true })) => {
  const { url, seen } = await aWebServer(reply);
  const answer = await ask({ method: 'GET', uri: `${url}/system/functions`, json: true, ...options });
  return { answer, seen };
};

test('asks as the client expects: query, JSON, user and password, headers that were given', async () => {
  const { answer, seen } = await asked({
    ...{ method: 'POST', qs: { namespace: 'a b', tail: 3, since: undefined }, headers: { 'x-call-id': 'c' } },
    ...{ body: { service: 'rank' }, auth: { username: 'admin', password: 'ü:' } },
  });
  expect(answer).toMatchObject({ statusCode: 200, body: { ok: true } });
  expect(seen).toMatchObject([
    {
      ...{ method: 'POST', path: '/system/functions?namespace=a+b&tail=3', body: '{"service":"rank"}' },
      headers: {
        ...{ accept: 'application/json', 'content-type': 'application/json', 'x-call-id': 'c' },
        authorization: `Basic ${Buffer.from('admin:ü:').toString('base64')}`,
      },
    },
  ]);
});

test('gives every answer, and follows none to another address', async () => {
  const { answer, seen } = await asked({ auth: { username: 'admin', password: 'secret' } }, ({ path }, response) => {
    const status = path === '/elsewhere' ? 200 : 302;
    response.writeHead(status, { location: '/elsewhere' }).end('over there');
  });
  expect(answer).toMatchObject({ statusCode: 302, headers: { location: '/elsewhere' }, body: 'over there' });
  expect(seen).toHaveLength(1);
  expect((await asked({}, (_, response) => response.writeHead(404).end())).answer).toMatchObject({
    ...{ statusCode: 404, body: undefined },
  });
});

test('never shows a password that stands in the address', async () => {
  const { url, seen } = await aWebServer();
  await ask({ uri: url.replace('://', '://admin:s%2Fcret@') });
  expect(seen).toMatchObject([{ headers: { authorization: `Basic ${btoa('admin:s/cret')}` } }]);
});

test('fails with the code that callers look at, and takes no answer without end', async () => {
  const closed = await onLoopback(createServer());
  await closed.close();
  await expect(ask({ uri: closed.url })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  const { url } = await aWebServer(() => {});
  await expect(ask({ uri: url, timeout: 20 })).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  const piece = Buffer.alloc(1_048_576, 'a');
  const endless: Reply = (_request, response) => {
    const more = (): void => {
      if (!response.destroyed) response.write(piece, more);
    };
    more();
  };
  await expect(asked({}, endless)).rejects.toThrow('the answer has more than 16777216 bytes');
  await expect(ask({ uri: url, formData: {} })).rejects.toThrow('forms are not sent');
});
