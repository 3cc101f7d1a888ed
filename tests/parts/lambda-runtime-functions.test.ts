import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { cloud } from '#lib/deps';
import { audits, messages } from '#lib/records';
import { systemClock } from '#lib/system-clock';
import type { Store } from '#ports/store';
import { storeTableNames } from '#schema/store-table';
import { accounts, catalog, type Plane } from '../../functions/catalog.ts';
import { openCatalogueHost } from '../../local/host/catalogue-host.ts';
import { type Door, openLambdaDoor } from '../../local/host/lambda/door.ts';
import type { FunctionHost } from '../../local/host/runner.ts';
import { ricPart } from '../../local/host/runtime/ric-part.ts';
import { type Ministack, ministackPart, startMinistack } from '../../local/stack/parts/ministack.ts';
import { awsConfigOf, type StackFile } from '../../local/stack/stack-file.ts';
import { aMessage } from '../builders/a-message.ts';

/** Bundles of the catalogue under AWS's own runtime client, on the DynamoDB and Step Functions of an emulator. */
let ministack: Ministack;
let stack: StackFile;
const hosts = new Map<
  Plane,
  { readonly host: FunctionHost; readonly door: Door; readonly client: LambdaClient; readonly store: Store }
>();

const stackOn = (url: string): StackFile => ({
  format: 1,
  kind: 'ministack',
  folder: '/nowhere',
  instance: 'test',
  wing: 'jlab',
  region: 'us-east-1',
  endpoints: { sfn: url, sqs: url, dynamodb: url, s3: url, events: url, lambda: url },
  minio: { accessKeyId: accounts.archive, secretAccessKey: 'papilio' },
  parts: [],
  createdAt: '2026-01-01T00:00:00Z',
});

const openPlane = async (plane: Plane) => {
  const whereabouts = { region: stack.region, account: accounts[plane] };
  const { url } = ministack;
  const endpoints = ['SFN', 'SQS', 'DYNAMODB', 'S3'].map((service) => [`AWS_ENDPOINT_URL_${service}`, url]);
  const environment = {
    ...Object.fromEntries(endpoints),
    AWS_ACCESS_KEY_ID: accounts[plane],
    AWS_SECRET_ACCESS_KEY: 'papilio',
    PAPILIO_S3_ACCESS_KEY_ID: accounts[plane],
    PAPILIO_S3_SECRET_ACCESS_KEY: 'papilio',
    PAPILIO_INSTANCE: stack.instance,
    PAPILIO_WING: stack.wing,
  };
  const host = await openCatalogueHost({ catalog, plane, clock: systemClock, whereabouts, environment });
  const door = await openLambdaDoor({ runner: host, whereabouts, clock: systemClock, port: 0 });
  const client = new LambdaClient({
    ...awsConfigOf(stack, accounts[plane], 'lambda'),
    endpoint: door.url,
    maxAttempts: 1,
  });
  const owner = { instance: stack.instance, wing: stack.wing, plane };
  const tables = storeTableNames(owner);
  const open = await cloud.dynamoStore();
  const aws = awsConfigOf(stack, accounts[plane], 'dynamodb');
  const { store } = await open({ aws, tables, clock: systemClock, createTables: true });
  hosts.set(plane, { host, door, client, store });
};

beforeAll(async () => {
  ministackPart.install();
  ricPart.install();
  ministack = await startMinistack();
  stack = stackOn(ministack.url);
  for (const plane of ['archive', 'work'] as const) await openPlane(plane);
}, 900_000);

afterAll(async () => {
  for (const { host, door, client, store } of hosts.values()) {
    client.destroy();
    await host.close();
    await door.close();
    await store.close();
  }
  await ministack?.stop();
});

const on = (plane: Plane) => {
  const found = hosts.get(plane);
  if (found === undefined) throw new Error(`no plane ${plane}`);
  return found;
};

const invoke = async (plane: Plane, FunctionName: string, event: object) => {
  const answer = await on(plane).client.send(
    new InvokeCommand({ FunctionName, Payload: JSON.stringify(event), LogType: 'Tail' }),
  );
  const text = answer.Payload?.transformToString() ?? '';
  const log = Buffer.from(answer.LogResult ?? '', 'base64').toString();
  return { payload: JSON.parse(text), functionError: answer.FunctionError, log };
};

test('a function writes its records, and writes them once', async () => {
  const line = {
    id: 'test_audit_1',
    at: '2026-01-01T00:00:00.000Z',
    by: 'anna',
    action: 'job.cancel',
    subject: 'test_job_1',
    outcome: 'denied',
    count: 1,
    plane: 'front',
  };
  for (const _ of [1, 2]) {
    const { payload, functionError } = await invoke('work', 'record-access', { kind: 'audit', lines: [line] });
    expect([payload, functionError]).toEqual([{}, undefined]);
  }
  expect((await audits.get(on('work').store, line.id))?.doc).toMatchObject({ by: 'anna', outcome: 'denied' });
  expect(on('work').host.describe('record-access')?.counts).toMatchObject({ invocations: 2, coldStarts: 1 });
});

test('an event that a function does not understand fails by the name that state machines match', async () => {
  const { payload, functionError, log } = await invoke('work', 'record-access', { kind: 'rumour' });
  expect(functionError).toBe('Unhandled');
  expect(payload).toMatchObject({ errorType: 'Invalid', errorMessage: expect.stringContaining('record-access') });
  expect(log).toContain('function failed');
});

test('what a queue feeds says which messages are to come again; the others are in the ledger', async () => {
  const message = aMessage('start_run');
  const Records = [
    { messageId: 'm-1', body: JSON.stringify(message) },
    { messageId: 'm-2', body: 'not JSON' },
  ];
  const { payload } = await invoke('archive', 'accept-message', { Records });
  const { batchItemFailures } = z
    .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })) })
    .parse(payload);
  expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toContain('m-2');
  expect((await messages.get(on('archive').store, message.id))?.doc).toMatchObject({ id: message.id, seen: 1 });
});

/** There is no bucket and no queue on this stack: who uses one is told so before its event is looked at, or as it sends. */
const lacking = new Set([
  ...['archive-stf', 'assign-jobs', 'begin-pass', 'catalogue-stf', 'index-stfs', 'plan-merge'],
  ...['scrub-archive', 'scrub-outputs', 'seek-file', 'watch-stream'],
]);

test('every function that runs alone is loaded, and says what is wrong with an event that means nothing', async () => {
  for (const plane of ['archive', 'work'] as const)
    for (const { spec } of on(plane).host.list()) {
      const { payload, functionError } = await invoke(plane, spec.name, { nothing: true });
      const { errorType = 'answered' } = functionError === undefined ? {} : payload;
      const expected = lacking.has(spec.name) ? 'Transient' : 'Invalid';
      // It runs by the clock and needs no event.
      expect([spec.name, errorType]).toEqual([spec.name, spec.name === 'answer-tokens' ? 'answered' : expected]);
    }
});
