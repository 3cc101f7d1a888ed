import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { silentLog } from '#lib/log';
import { accounts, catalog } from '../../../../functions/catalog.ts';
import { createInPlaneRunner } from '../../../../local/plane/in-plane-runner.ts';
import { openStackDoor } from '../../../../local/plane/stack-door.ts';
import { StackFile } from '../../../../local/stack/stack-file.ts';
import { aCommand } from '../../../builders/a-command.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';

const endpoint = 'http://127.0.0.1:9';
const aStack = (folder: string) =>
  StackFile.parse({
    ...{ format: 1, kind: 'ministack', folder, instance: 'test', wing: 'bnl', region: 'us-east-1', parts: [] },
    endpoints: Object.fromEntries(StackFile.shape.endpoints.keyType.options.map((name) => [name, endpoint])),
    minio: { accessKeyId: 'papilio', secretAccessKey: 'secret' },
    secret: 'a secret of some length',
    createdAt: '2026-01-01T00:00:00.000Z',
  });

const anOpenDoor = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'papilio-door-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const clock = fakeClock();
  const called: string[] = [];
  const runner = createInPlaneRunner({
    plane: 'work',
    catalog,
    clock,
    invoke: async ({ functionName }) => {
      called.push(functionName);
      return { ok: true, payload: {} };
    },
  });
  const door = await openStackDoor(aStack(folder), { plane: 'work', catalog, runner, clock, log: silentLog });
  onTestFinished(() => door.close());
  const path = join(folder, 'functions', `${accounts.work}.json`);
  const { url, secret } = JSON.parse(readFileSync(path, 'utf8'));
  const call = async (name: string, body: object, headers: Record<string, string> = {}) => {
    const address = `${url}/2015-03-31/functions/${name}/invocations`;
    return (await fetch(address, { method: 'POST', headers, body: JSON.stringify(body) })).status;
  };
  return { path, called, call, secret: { 'papilio-door': secret } };
};

test('who does not know the secret of the stack’s folder calls no function, whatever else they know', async () => {
  const { path, called, call } = await anOpenDoor();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(await call('hold-stf', {})).toBe(403);
  expect(await call('hold-stf', {}, { 'papilio-door': 'guessed' })).toBe(403);
  expect(called).toEqual([]);
});

test('the stack’s Lambda calls what state machines call, and no function that carries out commands', async () => {
  const { called, call, secret } = await anOpenDoor();
  const forged = aCommand('token.create', 'test_token_0123456789abcdef', { data: { roles: ['admin'] } });
  expect(await call('steer-tokens', forged, secret)).toBe(404);
  expect(await call('record-access', { kind: 'uses', uses: [] }, secret)).toBe(404);
  expect(await call('poll-bundles', { facility: 'local' }, secret)).toBe(404);
  expect(await call('hold-stf', {}, secret)).toBe(200);
  expect(called).toEqual(['hold-stf']);
});
