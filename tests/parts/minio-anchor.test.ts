import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { readConfig } from '#lib/config';
import { openAnchor } from '../../local/audit/open-anchor.ts';
import { verifyFolder } from '../../local/audit/verify-folder.ts';
import { installMinio, type Minio, startMinio } from '../../local/stack/parts/minio.ts';
import { aFolder } from '../builders/a-folder.ts';
import { anchorAfter } from '../builders/an-anchor.ts';
import { addThings, anAuditedFolder, manipulate, manipulations } from '../builders/an-audited-folder.ts';
import { aBucket, governance } from './minio-buckets.ts';
import { rawClient } from './minio-raw.ts';

/** Heads in a bucket with object lock, on MinIO itself. */
let minio: Minio;
beforeAll(async () => {
  installMinio();
  minio = await startMinio();
}, 900_000);
afterAll(() => minio.stop());

const aPlace = async () => {
  const folder = aFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  const bucket = await aBucket(minio, { retention: governance });
  const config = readConfig({
    PAPILIO_ANCHOR_ACCESS_KEY_ID: minio.user.accessKeyId,
    PAPILIO_ANCHOR_SECRET_ACCESS_KEY: minio.user.secretAccessKey,
  });
  const open = () => openAnchor(`${minio.url}/${bucket}/papilio/heads`, config);
  const data = join(folder.path, 'data');
  await anAuditedFolder(data);
  for (const first of [20, 30]) await anchorAfter(data, await open(), (deps) => addThings(deps, first, 8));
  const verified = async () => {
    const anchor = await open();
    try {
      return await verifyFolder({ folder: data, plane: 'work', deed: { instance: 'test', wing: 'bnl' }, anchor });
    } finally {
      anchor.close();
    }
  };
  return { bucket, data, verified };
};

test('heads in a bucket show a log that was cut or rewritten', async () => {
  const { data, verified } = await aPlace();
  expect(await verified()).toMatchObject({ faults: [], unseen: [], anchor: { heads: 2 } });
  manipulate(data, manipulations['the whole chain is recomputed']);
  expect((await verified()).faults.map(({ kind }) => kind)).toContain('rewritten');
  manipulate(data, manipulations['the last five events are cut off']);
  expect((await verified()).faults.map(({ kind }) => kind)).toContain('cut');
});

test('heads stay as they were put, whoever has the credentials deletes them or lays others over them', async () => {
  const { bucket, verified } = await aPlace();
  const raw = rawClient(minio);
  const keys: string[] = [];
  for await (const { name } of raw.client.listObjectsV2(bucket, '', true)) keys.push(String(name));
  expect(keys).toHaveLength(2);
  expect(keys[0]).toMatch(/^papilio\/heads\/test\/bnl-work\/\d{16}-[0-9a-f]{16}\.json$/);
  for (const key of keys) {
    await raw.put(bucket, key, Buffer.from('{}'));
    await raw.remove(bucket, key);
  }
  expect(await verified()).toMatchObject({ faults: [], unseen: [], anchor: { heads: 2 } });
});

test('a bucket that locks nothing is refused as an anchor', async () => {
  const folder = aFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  const bucket = await aBucket(minio);
  const config = readConfig({
    PAPILIO_ANCHOR_ACCESS_KEY_ID: minio.user.accessKeyId,
    PAPILIO_ANCHOR_SECRET_ACCESS_KEY: minio.user.secretAccessKey,
  });
  const data = join(folder.path, 'data');
  await anAuditedFolder(data);
  const report = await anchorAfter(data, await openAnchor(`${minio.url}/${bucket}`, config));
  expect(report.problem?.reason).toContain('does not lock what is put');
});
