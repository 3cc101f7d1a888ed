import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve } from 'node:path';
import { PapilioError } from '#lib/errors';
import { asFolderError, systemCodeOf } from './local-disk.ts';

const isInside = (parent: string, path: string): boolean => {
  const way = relative(parent, path);
  return way !== '' && way !== '..' && !way.startsWith('../') && !isAbsolute(way);
};

/** Path of a file that a payload left in its folder; undefined if it left none. @throws input-invalid */
export const outputIn = async (folder: string, relativePath: string): Promise<string | undefined> => {
  const wanted = resolve(folder, relativePath);
  if (!isInside(folder, wanted))
    throw new PapilioError('input-invalid', `output ${JSON.stringify(relativePath)} is outside its attempt`);
  try {
    const found = await realpath(wanted);
    // A payload may leave a link to anywhere; that is not its output.
    const isOwn = isInside(await realpath(folder), found) && (await stat(found)).isFile();
    return isOwn ? found : undefined;
  } catch (thrown) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCodeOf(thrown))) return undefined;
    throw asFolderError(thrown, wanted);
  }
};
