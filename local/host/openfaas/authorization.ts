import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PapilioError } from '#lib/errors';
import { hasCode } from '../../engine/disk.ts';

/** Who may administer a gateway. */
export type Credentials = { readonly user: string; readonly password: string };

/** OpenFaaS's own names of the two files that hold them. */
const files = { user: 'basic-auth-user', password: 'basic-auth-password' } as const;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Says whether an Authorization header names them; takes as long whatever it is. */
export const createGatekeeper = ({ user, password }: Credentials): ((header: string | undefined) => boolean) => {
  const wanted = digest(`${user}:${password}`);
  return (header = '') => {
    const [, encoded = ''] = /^Basic ([A-Za-z0-9+/=_-]{1,4096})$/i.exec(header) ?? [];
    return timingSafeEqual(digest(Buffer.from(encoded, 'base64').toString('utf8')), wanted) && encoded !== '';
  };
};

const writeSecret = async (path: string, text: string): Promise<void> => {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(`${text}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
};

const readSecret = async (path: string): Promise<string> => {
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0)
    throw new PapilioError('config-invalid', `${path} can be read by others: chmod 600 ${path}`);
  const text = (await readFile(path, 'utf8')).trim();
  if (text === '') throw new PapilioError('config-invalid', `${path} is empty`);
  return text;
};

const orNew = async (path: string, make: () => string): Promise<string> => {
  try {
    await writeSecret(path, make());
  } catch (thrown) {
    if (!hasCode(thrown, 'EEXIST')) throw thrown;
  }
  return readSecret(path);
};

/**
 * The credentials in a folder, in the files in which OpenFaaS has them; made, with a password of 256 random bits, if they are
 * not there. @throws config-invalid if others can read them
 */
export const credentialsIn = async (folder: string): Promise<Credentials> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const user = await orNew(join(folder, files.user), () => 'admin');
  const password = await orNew(join(folder, files.password), () => randomBytes(32).toString('hex'));
  return { user, password };
};
