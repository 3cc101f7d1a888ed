import { access, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PapilioError } from '#lib/errors';
import type { Incoming } from '#ports/incoming';

/** DAQ's folder on a disk that papilio sees. */
export const openIncoming = (folder: string): Incoming => {
  const root = resolve(folder);
  const path = (name: string): string => {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,200}$/.test(name))
      throw new PapilioError('stf-name-invalid', JSON.stringify(name.slice(0, 100)));
    return join(root, name);
  };
  return {
    path,
    has: (name) =>
      access(path(name)).then(
        () => true,
        () => false,
      ),
    remove: (name) => rm(path(name), { force: true }),
  };
};
