import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run } from '../../../clients/cli/program.ts';
import { type ApiWithPeople, administrator, anApiWithPeople, aPerson } from '../../builders/an-api-with-people.ts';

let api: ApiWithPeople;
let url: string;
let anna: string;
beforeAll(async () => {
  api = await anApiWithPeople();
  anna = api.know(aPerson({ roles: ['viewer', 'user'], name: 'Anna' }));
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => api[Symbol.asyncDispose]());

const papilio = async (token: string, words: readonly string[], stdin = '') => {
  const said = { out: '', err: '' };
  const stream = (name: 'out' | 'err') => ({
    write: (text: string | Uint8Array) => {
      said[name] += text;
    },
  });
  const code = await run(['--url', url, '--token', token, '--config', '/none', ...words], {
    ...{ in: Readable.from([stdin]), out: stream('out'), err: stream('err') },
    signal: new AbortController().signal,
  });
  return { ...said, code };
};

it('says who somebody is taken for, and what they may', async () => {
  const { out, code } = await papilio(anna, ['whoami']);
  expect(code).toBe(0);
  expect(out).toMatch(/you are +anna@issuer\.example, Anna\n.*\nroles +viewer, user/);
  expect(out).toMatch(/\nrequests +\d+ of 6000 in 60 s\nwaiting requests +0 of 100\n/);
  expect(out).toMatch(/\ntokens that hold +0 of 100\ntokens made +0 of 30 in 3600 s/);
  expect(await papilio(anna, ['can', 'run.read', '-o', 'name'])).toMatchObject({ code: 0, out: 'yes\n' });
  const no = await papilio(anna, ['can', 'processing.suspend']);
  expect(no).toMatchObject({ code: 4, out: expect.stringMatching(/^no +anna.*may not.*\ntry +/) });
});

it('with --dry-run says whether somebody may, and does nothing', async () => {
  const before = api.sent.length;
  expect(await papilio(anna, ['processing', 'suspend', '--dry-run'])).toMatchObject({ code: 4 });
  expect(await papilio(administrator, ['processing', 'suspend', '--dry-run', '-o', 'name'])).toMatchObject({
    ...{ code: 0, out: 'yes\n' },
  });
  expect(api.sent).toHaveLength(before);
});

it('makes a token for a machine, shows it once, and ends it', async () => {
  const made = await papilio(anna, [
    'token',
    'create',
    'grafana',
    '--role',
    'viewer',
    '--days',
    '30',
    '--why',
    'x',
    '-o',
    'name',
  ]);
  expect(made.code, made.err).toBe(0);
  const secret = made.out.trim();
  expect(made.err).toMatch(/never shows it again/);
  expect(await papilio(secret, ['whoami', '--json', 'kind,roles'])).toMatchObject({
    code: 0,
    out: expect.stringMatching(/"kind": "machine",\s+"roles": \[\s+"viewer"\s+\]/),
  });
  const list = await papilio(anna, ['token', 'list', '-o', 'wide']);
  expect(list.out).toMatch(/token_[0-9a-f]{16} +grafana +active +viewer .* anna@issuer\.example/);
  expect(list.out).not.toContain(secret);
  const ids = (await papilio(anna, ['token', 'list', '-o', 'name'])).out;
  expect(await papilio(anna, ['token', 'show', ids.trim()])).toMatchObject({
    out: expect.stringMatching(/state +active/),
  });
  expect(await papilio(anna, ['token', 'revoke', '-', '--reason', 'it was in a log'], ids)).toMatchObject({ code: 0 });
  expect(await papilio(secret, ['whoami'])).toMatchObject({ code: 4, err: expect.stringMatching(/^error\[token-/) });
});

it('gives no token that may more than who asks for it', async () => {
  expect(await papilio(anna, ['token', 'create', 'x', '--role', 'admin', '--why', 'x'])).toMatchObject({
    err: expect.stringMatching(/^prod at \S+\nerror\[token-excessive\]/),
    out: '',
  });
  expect(await papilio(anna, ['token', 'create', 'x', '--role', 'king', '--why', 'x'])).toMatchObject({ code: 2 });
  expect(await papilio(anna, ['token', 'create', 'x', '--role', 'viewer'])).toMatchObject({ code: 2 });
});

it('shows who did what to those who may know it', async () => {
  await papilio(administrator, ['processing', 'suspend', '--why', 'a new firmware is loaded']);
  const { out, code } = await papilio(administrator, [
    'audit',
    'list',
    '--since',
    '2020-01-01T00:00:00Z',
    '--action',
    'processing.suspend',
  ]);
  expect(code).toBe(0);
  expect(out).toMatch(/processing\.suspend +facet_processing +done +a new firmware is loaded/);
  expect(await papilio(anna, ['audit', 'list'])).toMatchObject({
    code: 4,
    err: expect.stringMatching(/^error\[role-missing\]/),
  });
  expect(await papilio(administrator, ['audit', 'list', '--since', 'soon'])).toMatchObject({ code: 2 });
});
