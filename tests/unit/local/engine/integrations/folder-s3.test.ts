import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderObjects } from '../../../../../local/engine/folder-objects.ts';
import { folderS3 } from '../../../../../local/engine/integrations/folder-s3.ts';
import type { Json } from '../../../../../local/stepfunctions/json.ts';
import { aFolder } from '../../../../builders/an-engine.ts';

const aBucket = async () => {
  const root = await aFolder();
  await mkdir(join(root, 'b'));
  const call = folderS3(folderObjects(root));
  const { signal } = new AbortController();
  const ask = (action: string, input: Json) =>
    call({ service: 's3', action, input, isSdk: true, invocationId: 'arn/7', signal });
  return { root, ask };
};

const at = { Bucket: 'b', Key: 'runs/7/1 of 2.json' };

test('an object is written as S3 has it written, looked at, read, and taken away', async () => {
  const { root, ask } = await aBucket();
  const put = await ask('PutObject', { ...at, Body: { run: 7 } });
  expect(put).toMatchObject({ ok: true, output: { ETag: expect.any(String) } });
  expect(await readFile(join(root, 'b', at.Key), 'utf8')).toBe('{"run":7}');
  const head = {
    AcceptRanges: 'bytes',
    ContentLength: 9,
    ETag:
      put.ok && typeof put.output === 'object' && put.output !== null && 'ETag' in put.output ? put.output.ETag : '',
    LastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    Metadata: {},
  };
  expect(await ask('HeadObject', at)).toEqual({ ok: true, output: head });
  expect(await ask('GetObject', at)).toEqual({ ok: true, output: { ...head, Body: '{"run":7}' } });
  expect(await ask('DeleteObject', at)).toEqual({ ok: true, output: {} });
  expect(await ask('DeleteObject', at)).toEqual({ ok: true, output: {} });
  expect(await ask('GetObject', at)).toMatchObject({ ok: false, error: 'NoSuchKey', http: { status: 404 } });
});

test('a bucket is listed in pages', async () => {
  const { ask } = await aBucket();
  for (const Key of ['c', 'a/2', 'a/1', 'b']) await ask('PutObject', { Bucket: 'b', Key, Body: Key });
  expect(await ask('ListObjectsV2', { Bucket: 'b', MaxKeys: 3 })).toMatchObject({
    output: {
      Contents: [{ Key: 'a/1', Size: 5 }, { Key: 'a/2' }, { Key: 'b' }],
      IsTruncated: true,
      NextContinuationToken: 'b',
    },
  });
  expect(await ask('ListObjectsV2', { Bucket: 'b', ContinuationToken: 'b' })).toMatchObject({
    output: { Contents: [{ Key: 'c' }], IsTruncated: false, KeyCount: 1 },
  });
  expect(await ask('ListObjectsV2', { Bucket: 'b', Prefix: 'a/' })).toMatchObject({ output: { KeyCount: 2 } });
});

test.each<[action: string, input: Json, error: string]>([
  ['GetObject', { ...at, Bucket: 'nowhere' }, 'NoSuchBucket'],
  ['PutObject', { ...at, Bucket: 'nowhere' }, 'NoSuchBucket'],
  ['ListObjectsV2', { Bucket: 'nowhere' }, 'NoSuchBucket'],
  ['HeadObject', at, 'NoSuchKey'],
  ['HeadObject', { ...at, Key: '../b/x' }, 'SdkClientException'],
  ['HeadObject', { ...at, Bucket: '..' }, 'SdkClientException'],
  ['PutObject', { ...at, Metadata: { a: 'b' } }, 'States.Runtime'],
  ['GetObject', { Bucket: 'b' }, 'States.Runtime'],
  ['CopyObject', at, 'SdkClientException'],
])('%s of %j fails as %s', async (action, input, error) => {
  const { ask } = await aBucket();
  expect(await ask(action, input)).toMatchObject({ ok: false, error });
});

test('an object that is larger than a state may hold is not read to its end', async () => {
  const { ask } = await aBucket();
  await ask('PutObject', { ...at, Body: 'x'.repeat(262_144) });
  expect(await ask('GetObject', at)).toMatchObject({ ok: false, error: 'States.DataLimitExceeded' });
});
