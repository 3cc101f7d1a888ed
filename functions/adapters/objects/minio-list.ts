import type { BucketItem } from 'minio';
import { PapilioError } from '#lib/errors';
import { foldersAbove } from './key.ts';
import type { Bucket } from './minio-bucket.ts';
import type { Shelf } from './minio-shelf.ts';
import { versionPages } from './minio-versions.ts';

/** An object as it is listed, with the moment in which S3 took it. */
export type Listed = { readonly key: string; readonly sizeBytes: number; readonly modifiedAtMs: number };

const pageSize = 1000;

const listedIn = (objects: readonly BucketItem[]): Listed[] =>
  objects.flatMap(({ name, size, lastModified }) =>
    name === undefined ? [] : [{ key: name, sizeBytes: size, modifiedAtMs: lastModified.getTime() }],
  );

/** Objects below a prefix, a page at a time, in the order of their keys. */
async function* pages(bucket: Bucket, prefix: string): AsyncGenerator<readonly Listed[]> {
  let after = '';
  for (;;) {
    const { objects, isTruncated } = await bucket.ask((client) =>
      client.listObjectsV2Query(bucket.name, prefix, '', '', pageSize, after),
    );
    const page = listedIn(objects);
    yield page;
    after = page.at(-1)?.key ?? '';
    if (!isTruncated || after === '') return;
  }
}

/** @throws object-corrupt when a folder of a prefix is an object too, behind which MinIO shows nothing of what lies below it */
const needFolders = async (bucket: Bucket, prefix: string): Promise<void> => {
  for (const folder of foldersAbove(prefix)) {
    const { value: page = [] } = await versionPages(bucket, folder).next();
    if (page.some(({ name }: { readonly name: string }) => name === folder))
      throw new PapilioError('object-corrupt', `${folder} is a folder, and somebody put an object there that hides it`);
  }
};

/** Keys of which any version is left: what was put stays listed when somebody lays a deletion over it. */
async function* firstKeys(bucket: Bucket, prefix: string): AsyncGenerator<string> {
  await needFolders(bucket, prefix);
  let last: string | undefined;
  for await (const page of versionPages(bucket, prefix)) {
    for (const { name } of page.filter(({ isDeleteMarker }) => isDeleteMarker !== true)) {
      if (name !== last) yield name;
      last = name;
    }
  }
}

/** Lists of objects that lie in a bucket. */
export const createLists = ({ bucket, isLocked }: Shelf) => {
  const listed = async function* (prefix: string): AsyncGenerator<Listed> {
    for await (const page of pages(bucket, prefix)) yield* page;
  };
  const keys = async function* (prefix: string): AsyncGenerator<string> {
    for await (const { key } of listed(prefix)) yield key;
  };
  return { listed, list: isLocked ? (prefix: string) => firstKeys(bucket, prefix) : keys };
};
