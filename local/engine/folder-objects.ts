import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ListedObject, Objects } from '../stepfunctions/distributed/objects.ts';

/** Files that are being written; no key begins like this. */
const UNFINISHED = '.unfinished-';

const isSafe = (name: string): boolean =>
  name !== '' &&
  !name.includes('\0') &&
  name.split(/[/\\]/).every((part) => part !== '..' && !part.startsWith(UNFINISHED));

/** A bucket is a folder, a key a path below it. @throws if it would lead out of the folder */
const pathOf = (root: string, bucket: string, key: string): string => {
  if (!isSafe(bucket) || bucket.includes('/') || !isSafe(key))
    throw new Error(`Not a bucket and key: ${bucket}/${key}`);
  return join(root, bucket, ...key.split('/'));
};

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** The keys below a folder in the order of S3: that of their bytes, in which `a/b` may come behind `a-`. */
async function* keysIn(folder: string, prefix: string): AsyncGenerator<string> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .filter((entry) => !entry.name.startsWith(UNFINISHED))
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
  for (const name of names.sort(byBytes)) {
    const key = prefix + name;
    if (name.endsWith('/')) yield* keysIn(join(folder, name), key);
    else yield key;
  }
}

const listedOf = async (path: string, key: string): Promise<ListedObject> => {
  const { size, mtimeMs } = await stat(path);
  const seconds = Math.floor(mtimeMs / 1000);
  return {
    Etag: `"${size.toString(16)}-${seconds.toString(16)}"`,
    Key: key,
    LastModified: seconds,
    Size: size,
    StorageClass: 'STANDARD',
  };
};

const WRITE_CHARS = 65_536;

/** Small pieces together, so that each is not a write of its own. */
async function* gathered(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let text = '';
  for await (const piece of pieces) {
    text += piece;
    if (text.length < WRITE_CHARS) continue;
    yield text;
    text = '';
  }
  yield text;
}

/** Objects that can also be looked at one by one, and taken away. */
export type FolderObjects = Objects & {
  readonly hasBucket: (bucket: string) => Promise<boolean>;
  /** Undefined if there is none. */
  readonly find: (bucket: string, key: string) => Promise<ListedObject | undefined>;
  readonly remove: (bucket: string, key: string) => Promise<void>;
};

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Objects in a folder of this machine, one folder a bucket. */
export const folderObjects = (root: string): FolderObjects => ({
  hasBucket: (bucket) => isThere(pathOf(root, bucket, '.')),
  find: async (bucket, key) => {
    const path = pathOf(root, bucket, key);
    const isFile = (await isThere(path)) && (await stat(path)).isFile();
    return isFile ? listedOf(path, key) : undefined;
  },
  remove: (bucket, key) => rm(pathOf(root, bucket, key), { force: true }),
  read: (bucket, key) => createReadStream(pathOf(root, bucket, key)),
  list: async function* (bucket, prefix) {
    const folder = pathOf(root, bucket, '.');
    for await (const key of keysIn(folder, '')) {
      if (key.startsWith(prefix)) yield listedOf(join(folder, ...key.split('/')), key);
    }
  },
  write: async (bucket, key, pieces) => {
    const path = pathOf(root, bucket, key);
    await stat(join(root, bucket));
    await mkdir(dirname(path), { recursive: true });
    const unfinished = join(dirname(path), UNFINISHED + randomUUID());
    try {
      const file = await open(unfinished, 'wx');
      try {
        await file.writeFile(gathered(pieces));
        await file.sync();
      } finally {
        await file.close();
      }
      const { size } = await stat(unfinished);
      await rename(unfinished, path);
      return size;
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
  },
});
