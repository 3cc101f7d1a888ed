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

/** A token of a machine, which is a principal of its own. */
const machineToken = async (): Promise<string> => {
  const made = await fetch(`${papilio.baseUrl}/v1/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${papilio.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'a wall of screens', roles: ['viewer'], why: 'to see the error' }),
  });
  return z.looseObject({ secret: z.string() }).parse(await made.json()).secret;
};

const codeIn = async (answer: Response) => z.looseObject({ code: z.string() }).parse(await answer.json()).code;

/** Leaves requests waiting with a token of its own until one is refused. */
const waitForNews = async (): Promise<string | undefined> => {
  const leaving = new AbortController();
  const headers = { authorization: `Bearer ${await machineToken()}` };
  const url = `${papilio.baseUrl}/v1/commands/command_00000000000000000000000000000000?waitMs=30000`;
  const refused = Array.from({ length: 200 }, async () => {
    const answer = await fetch(url, { headers, signal: leaving.signal });
    if (answer.status !== 429) throw new Error('not refused');
    return codeIn(answer);
  });
  try {
    return await Promise.any(refused);
  } finally {
    leaving.abort();
  }
};

/** Asks more often than a minute allows, with a token of its own. */
const askTooOften = async (): Promise<string | undefined> => {
  const headers = { authorization: `Bearer ${await machineToken()}` };
  for (let nth = 0; nth < 20_000; nth += 100) {
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => fetch(`${papilio.baseUrl}/v1/commands/none`, { headers })),
    );
    const refused = answers.find(({ status }) => status === 429);
    if (refused) return codeIn(refused);
    await Promise.all(answers.map((answer) => answer.arrayBuffer()));
  }
  return undefined;
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
  'quota-exceeded': waitForNews,
  'rate-exceeded': askTooOften,
};

test.each(Object.entries(provoked))('%s is what the answer says', async (code, provoke) => {
  expect(await provoke()).toBe(code);
});
