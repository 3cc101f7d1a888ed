import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fetchDocument } from '../../../../functions/adapters/identity/fetch-document.ts';
import { policy } from '../../../../functions/adapters/identity/policy.ts';
import { anIssuer, type TestIssuer } from '../../../builders/an-issuer.ts';

let issuer: TestIssuer;
let trap: TestIssuer;
beforeEach(async () => {
  [issuer, trap] = await Promise.all([anIssuer(), anIssuer()]);
});
afterEach(async () => {
  await issuer[Symbol.asyncDispose]();
  await trap[Symbol.asyncDispose]();
});

const never = new AbortController().signal;
const ask = (signal = never) => fetchDocument(new URL(`${issuer.url}/jwks`), signal);
const says = (reply: (response: ServerResponse) => void) => {
  issuer.reply = (_path, response) => reply(response);
};

it('an issuer’s document is read as it is', async () => {
  issuer.keys = [{ kid: 'first' }];
  expect(await ask()).toEqual({ keys: [{ kid: 'first' }] });
});

it.each([301, 302, 303, 307, 308])('a redirect (%i) is not followed', async (status) => {
  says((response) => response.writeHead(status, { location: `${trap.url}/jwks` }).end());
  await expect(ask()).rejects.toThrow();
  expect(trap.asked).toEqual([]);
});

it.each([201, 204, 404, 429, 500, 503])('an answer of another kind (%i) is none', async (status) => {
  says((response) => response.writeHead(status, { 'content-type': 'application/json' }).end());
  await expect(ask()).rejects.toThrow();
});

it('a document is read up to its limit, and not a byte further', async () => {
  const whole = JSON.stringify('x'.repeat(policy.documentMaxBytes - 2));
  says((response) => response.end(whole));
  expect(await ask()).toHaveLength(policy.documentMaxBytes - 2);
  says((response) => response.end(`${whole} `));
  await expect(ask()).rejects.toThrow(/more than 262144 bytes/);
});

it('a document without end is let go at its limit', async () => {
  const isLetGo = Promise.withResolvers<void>();
  says((response) => {
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
      if (!response.destroyed) response.once('drain', more);
    };
    response.on('close', () => isLetGo.resolve());
    more();
  });
  await expect(ask()).rejects.toThrow(/more than 262144 bytes/);
  await isLetGo.promise;
});

it('a document that unpacks to more than its limit is let go too', async () => {
  says((response) =>
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50_000_000, ' '))),
  );
  await expect(ask()).rejects.toThrow(/more than 262144 bytes/);
});

it('a document that comes in drops ends with the patience for it', async () => {
  const patience = new AbortController();
  says((response) => {
    response.write('{"keys":');
    patience.abort(new Error('no answer in time'));
  });
  await expect(ask(patience.signal)).rejects.toThrow('no answer in time');
});

it('what is no JSON is no document', async () => {
  says((response) => response.end('<html>sign in first</html>'));
  await expect(ask()).rejects.toThrow();
});
