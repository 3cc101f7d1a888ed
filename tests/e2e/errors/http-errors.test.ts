import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { StfView } from '#schema/view';
import { sealedFiles, sealNow } from '../../builders/a-sealed-log.ts';
import { objectPath } from '../../builders/object-path.ts';
import { anErrorHouse, aRun, type ErrorHouse } from './error-house.ts';

/** What a request to a running papilio can be told. */
const scratch = mkdtempSync(join(tmpdir(), 'papilio-errors-'));
const run = 4801;
let papilio: ErrorHouse;
beforeAll(async () => {
  papilio = await anErrorHouse(scratch, aRun(run));
}, 60_000);
afterAll(async () => {
  await papilio?.house.stop();
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
});

/** Sends bytes that are no request. */
const send = async (bytes: string): Promise<string> => {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(papilio.baseUrl).port) });
  socket.write(bytes);
  let answer = '';
  socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
  await once(socket, 'close');
  return answer.slice(answer.indexOf('{'));
};

const Ids = z.object({ items: z.array(z.looseObject({ id: z.string() })) });

/** Opens streams with a token of its own until one is refused. */
const openStreams = async (): Promise<string | undefined> => {
  const made = await fetch(`${papilio.baseUrl}/v1/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${papilio.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'a wall of screens', roles: ['viewer'], why: 'to see the error' }),
  });
  const { secret } = z.looseObject({ secret: z.string() }).parse(await made.json());
  const leaving = new AbortController();
  const headers = { authorization: `Bearer ${secret}`, accept: 'text/event-stream' };
  try {
    for (let opened = 0; opened < 200; opened += 1) {
      const answer = await fetch(`${papilio.baseUrl}/v1/events`, { headers, signal: leaving.signal });
      if (!answer.ok) return z.looseObject({ code: z.string() }).parse(await answer.json()).code;
    }
    return undefined;
  } finally {
    leaving.abort();
  }
};

/** Seals the first events of the archive's log, and changes a byte of them. */
const damageLog = async (): Promise<void> => {
  const path = join(papilio.folder, 'archive/store.db');
  await sealNow(path, { unsealedEvents: 3, segmentEvents: 3, segmentBytes: 1_000_000 });
  const [segment = ''] = sealedFiles(path, '.seg');
  const bytes = readFileSync(segment);
  bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20);
  writeFileSync(segment, bytes);
};

/** Changes a byte in the middle of an archived STF. */
const damage = async (): Promise<string> => {
  const stf = await papilio.get(`/v1/stfs/swf.${run}.000001.stf`, StfView);
  const path = objectPath(papilio.folder, 'archive', stf.replica?.objectKey ?? '');
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 40) ^ 1, bytes.length - 40);
  writeFileSync(path, bytes);
  return `/v1/tfs/${Number(stf.stf?.tfEnd) - 1}/bytes`;
};

/** While a plane stands still. */
const withoutWork = async (ask: () => Promise<string | undefined>): Promise<string | undefined> => {
  const pid = papilio.house.pid('work') ?? 0;
  process.kill(pid, 'SIGSTOP');
  try {
    return await ask();
  } finally {
    // Unless the supervisor was faster and has started another.
    if (papilio.house.pid('work') === pid) process.kill(pid, 'SIGCONT');
  }
};

/** A state whose work a function does. */
const asking = JSON.stringify({
  StartAt: 'Ask',
  States: { Ask: { Type: 'Task', Resource: `\${function:catalogue-stf}`, End: true } },
});

const provoked: Readonly<Record<string, () => Promise<string | undefined>>> = {
  'not-found': () => papilio.code('/v1/coffee'),
  'method-not-allowed': () => papilio.code('/v1/runs', { method: 'PUT' }),
  'input-invalid': () => papilio.code('/v1/events?limit=0'),
  'cursor-unknown': () => papilio.code(`/v1/stfs?run=${run}&cursor=made-up`),
  'origin-refused': () => papilio.code('/v1/runs', { headers: { origin: 'http://evil.example' } }),
  'token-refused': () => papilio.code('/v1/runs', { headers: { authorization: 'Bearer made-up' } }),
  'front-refused': () => papilio.code('/v1/runs', { headers: { 'papilio-tls-front': 'let me in' } }),
  'token-excessive': () => papilio.act('/v1/tokens', { name: 'all', policies: ['everything.do'] }),
  'request-unreadable': async () => z.object({ code: z.string() }).parse(JSON.parse(await send('COFFEE\r\n\r\n'))).code,
  'version-outdated': () => papilio.act('/v1/facilities/local/drain', {}, { 'if-match': '"999"' }),
  'key-reused': () => {
    const key = { 'idempotency-key': 'tea-1' };
    return papilio
      .act('/v1/facilities/local/resume', { why: 'one' }, key)
      .then(() => papilio.act('/v1/facilities/local/resume', { why: 'other' }, key));
  },
  'processing-not-held': () => papilio.act('/v1/processing/resume'),
  'period-exists': () =>
    papilio
      .act('/v1/periods/errors/name', { runFirst: run })
      .then(() => papilio.act('/v1/periods/errors/name', { runFirst: run, note: 'another' })),
  'period-closed': () =>
    papilio
      .act('/v1/periods/errors/close', { runEnd: run + 1 })
      .then(() => papilio.act('/v1/periods/errors/close', { runEnd: run + 2 })),
  'execution-not-redrivable': async () => {
    const { items } = await papilio.get('/v1/executions?machine=process-stf', Ids);
    return papilio.act(`/v1/executions/${encodeURIComponent(items[0]?.id ?? '')}/redrive`);
  },
  'workflow-mock-missing': () =>
    papilio.act('/v1/workflows/test', { why: undefined, definition: asking, state: 'Ask' }),
  'position-unknown': () => papilio.code('/v1/events?after=a0-w999999999'),
  'live-clients-too-many': openStreams,
  'tf-missing': () => papilio.code('/v1/tfs/1'),
  'range-not-satisfiable': () =>
    papilio.code(`/v1/stfs/swf.${run}.000001.stf/bytes`, { headers: { range: 'bytes=999999999-' } }),
  'object-corrupt': async () => papilio.code(await damage()),
  'log-segment-corrupt': async () => {
    await damageLog();
    return papilio.code('/v1/events');
  },
  'plane-unavailable': () => withoutWork(() => papilio.act('/v1/processing/suspend')),
  'not-ready': () =>
    withoutWork(async () => {
      for (;;) {
        const code = await papilio.code('/v1/ready');
        if (code !== undefined) return code;
      }
    }),
  'rate-exceeded': async () => {
    const headers = { authorization: 'Bearer guessed' };
    for (let guess = 0; guess < 100; guess += 1) await papilio.code('/v1/runs', { headers });
    return papilio.code('/v1/runs', { headers });
  },
};

test.each(Object.entries(provoked))('%s is what the answer says', async (code, provoke) => {
  expect(await provoke()).toBe(code);
});
