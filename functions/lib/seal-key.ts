import { randomBytes } from 'node:crypto';
import { link, rm, writeFile } from 'node:fs/promises';
import { PapilioError } from './errors.ts';
import { NotPrivate, readPrivate } from './private-file.ts';
import { createSeal, type Seal } from './seal.ts';

const keyBytes = 32;
const noKey = `it is no key of ${keyBytes} bytes; remove it to have a new one made`;

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

const unusable = (path: string, why: string, cause?: unknown): PapilioError =>
  new PapilioError('folder-unusable', `${path}: ${why}`, cause);

const whyNot = ({ why, uid }: NotPrivate): string => {
  if (why === 'link') return 'it is a link';
  if (why === 'no-file') return noKey;
  if (why === 'foreign') return `it belongs to user ${uid}, and papilio runs as another`;
  return 'others may read it; chmod 600, or remove it to have a new one made';
};

/** The key in a file; undefined where there is none. One that others can read or have put there shows nothing. @throws folder-unusable */
const keyIn = async (path: string): Promise<Buffer | undefined> => {
  try {
    const key = Buffer.from((await readPrivate(path)).trim(), 'base64url');
    if (key.length === keyBytes) return key;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw unusable(path, error instanceof NotPrivate ? whyNot(error) : String(error), error);
  }
  throw unusable(path, noKey);
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
