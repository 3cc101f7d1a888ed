import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { run } from '../../../clients/cli/program.ts';
import { serveOnSocket } from '../../../local/front/own-socket.ts';
import { adminToken, anApi, type TestApi } from '../../builders/an-api.ts';

/** More than any process has. */
const deadPid = 2 ** 30;
let api: TestApi;
let url: string;
let folder: string;
/** Ends a command when the API has its act: no plane of this test ever does it. */
let stop = new AbortController();

beforeAll(async () => {
  api = await anApi({ onCommand: async () => stop.abort() });
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  folder = mkdtempSync(join(tmpdir(), 'papilio-target-'));
  mkdirSync(join(folder, 'config', 'papilio'), { recursive: true });
  const profiles = { current: 'prod', profiles: { prod: { url } } };
  writeFileSync(join(folder, 'config', 'profiles.json'), JSON.stringify(profiles));
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});
afterEach(() => {
  api.sent.splice(0);
  stop = new AbortController();
});

const papilio = async (...words: string[]) => {
  const written = { out: '', err: '' };
  const io = {
    out: { write: (text: string | Uint8Array) => (written.out += text) },
    err: { write: (text: string | Uint8Array) => (written.err += text) },
    signal: stop.signal,
  };
  const code = await run(['--config', join(folder, 'config'), ...words], io);
  return { ...written, code };
};
const suspend = ['processing', 'suspend', '--why', 'testing my laptop'];

const dataFolder = (name: string, front?: object): string => {
  const data = join(folder, name);
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, 'admin.token'), adminToken);
  if (front) writeFileSync(join(data, 'front.json'), JSON.stringify(front));
  return data;
};

describe('a data folder that is named', () => {
  it.each([
    ['does not exist', () => join(folder, 'none'), 'there is no such folder'],
    ['has no running front', () => dataFolder('down'), 'its front has no process'],
    [
      'has the address of a front that was killed',
      () => dataFolder('killed', { url, pid: deadPid }),
      'its front has no process',
    ],
  ])('and %s is an error, and no other instance is used', async (_, data, detail) => {
    const named = data();
    const { code, err } = await papilio('--data', named, ...suspend);
    expect({ code, err }).toEqual({
      code: 6,
      err: `error[unreachable]: no papilio is running in ${named}: ${detail}\n  try: start it with \`npm start -- --data ${named}\`, or check --data and PAPILIO_DATA\n`,
    });
    vi.stubEnv('PAPILIO_DATA', named);
    expect(await papilio(...suspend)).toMatchObject({ code: 6 });
    expect(await papilio('status')).toMatchObject({ code: 6, out: '' });
    expect(api.sent).toEqual([]);
  });

  it('wins over a profile that the environment names', async () => {
    vi.stubEnv('PAPILIO_PROFILE', 'prod');
    expect(await papilio('--data', join(folder, 'none'), ...suspend)).toMatchObject({ code: 6 });
    expect(api.sent).toEqual([]);
  });
});

it('an act prints on stderr the instance that it acts on, a question does not', async () => {
  const data = dataFolder('up', { url, pid: process.pid });
  onTestFinished(await serveOnSocket(api.app.server, join(data, 'front.sock')));
  const act = await papilio('--data', data, ...suspend);
  expect(act.err.split('\n')[0]).toBe(`prod at ${url}`);
  expect(api.sent).toHaveLength(1);
  stop = new AbortController();
  expect(await papilio('--data', data, 'quarantine', 'list')).toMatchObject({
    code: 0,
    err: 'nothing is in quarantine\n',
  });
});

describe('the token of a data folder', () => {
  /** What somebody who took the port of a front is shown. */
  const aThief = async () => {
    const shown: (string | undefined)[] = [];
    const thief = createServer((request, response) => {
      shown.push(request.headers.authorization);
      response.end('{}');
    });
    thief.listen(0, '127.0.0.1');
    await once(thief, 'listening');
    onTestFinished(() => void thief.close());
    const address = thief.address();
    return { shown, url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}` };
  };

  it('goes to no port, whoever listens there: only over the socket in the folder', async () => {
    const thief = await aThief();
    const data = dataFolder('stolen', { url: thief.url, pid: process.pid });
    expect(await papilio('--data', data, 'status')).toMatchObject({ code: 6, out: '' });
    expect(await papilio('--data', data, ...suspend)).toMatchObject({ code: 6 });
    vi.stubEnv('PAPILIO_DATA', undefined);
    expect(await papilio('--url', thief.url, 'status')).not.toMatchObject({ code: 0 });
    expect(thief.shown.filter((token) => token !== undefined)).toEqual([]);
  });

  it('is not looked for where another process has the number of the front that wrote the address', async () => {
    const data = dataFolder('again', { url, pid: process.pid, startedAt: '1' });
    expect((await papilio('--data', data, 'status')).err).toContain('its front has no process');
  });

  it('goes to the socket of a folder whose path is longer than a socket may have', async () => {
    const data = dataFolder(`${'long'.repeat(40)}`, { url, pid: process.pid });
    const short = join(folder, 'short.sock');
    onTestFinished(await serveOnSocket(api.app.server, short));
    // The front binds it from within its folder.
    renameSync(short, join(data, 'front.sock'));
    expect(await papilio('--data', data, 'quarantine', 'list')).toMatchObject({ code: 0 });
  });
});
