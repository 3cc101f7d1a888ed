import { join, resolve } from 'node:path';
import { PapilioError } from '#lib/errors';

/** Paths in the folder where DAQ leaves files; a name that is not a plain file name is refused. */
export const folderPath = (folder: string) => {
  const root = resolve(folder);
  return (name: string): string => {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,200}$/.test(name)) throw new PapilioError('stf-name-invalid', JSON.stringify(name.slice(0, 100)));
    return join(root, name);
  };
};
