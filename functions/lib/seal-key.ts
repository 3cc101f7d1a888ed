import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, open, rm, writeFile } from 'node:fs/promises';
import { PapilioError } from './errors.ts';
import { createSeal, type Seal } from './seal.ts';

const keyBytes = 32;
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

const unusable = (path: string, why: string, cause?: unknown): PapilioError =>
  new PapilioError('folder-unusable', `${path}: ${why}`, cause);

/** A key that others can read or have put there shows nothing. @throws folder-unusable */
const readKey = async (path: string, handle: FileHandle): Promise<Buffer> => {
  const { mode, uid, size } = await handle.stat();
  if (uid !== process.geteuid?.()) throw unusable(path, `it belongs to user ${uid}, and papilio runs as another`);
  if ((mode & 0o077) !== 0) throw unusable(path, 'others may read it; chmod 600, or remove it to have a new one made');
  const key = size > 200 ? Buffer.of() : Buffer.from((await handle.readFile('utf8')).trim(), 'base64url');
  if (key.length === keyBytes) return key;
  throw unusable(path, `it is no key of ${keyBytes} bytes; remove it to have a new one made`);
};

/** The key in a file; undefined where there is none. @throws folder-unusable */
const keyIn = async (path: string): Promise<Buffer | undefined> => {
  let handle: FileHandle;
  try {
    handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw unusable(path, hasCode(error, 'ELOOP') ? 'it is a link' : String(error), error);
  }
  try {
    return await readKey(path, handle);
  } finally {
    await handle.close();
  }
};

/** Makes a key, unless another process was first: a link takes no name that is there. */
const makeKey = async (path: string): Promise<void> => {
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(draft, `${randomBytes(keyBytes).toString('base64url')}\n`, {
      mode: 0o600,
      flag: 'wx',
      flush: true,
    });
    await link(draft, path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw unusable(path, String(error), error);
  } finally {
    await rm(draft, { force: true });
  }
};

/** The seal of the key in a file, which is made if it is not there. @throws folder-unusable */
export const openSeal = async (path: string): Promise<Seal> => {
  let key = await keyIn(path);
  if (key === undefined) {
    await makeKey(path);
    key = await keyIn(path);
  }
  if (key === undefined) throw unusable(path, 'it is gone as soon as it is made');
  return createSeal(key);
};
