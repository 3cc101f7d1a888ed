import { lstat, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PapilioError } from '#lib/errors';
import type { Incoming } from '#ports/incoming';

const isAbsent = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');

const unavailable = (path: string, thrown: unknown): PapilioError =>
  new PapilioError('incoming-unavailable', `${path}: ${thrown instanceof Error ? thrown.message : thrown}`, thrown);

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
    has: async (name) => {
      const at = path(name);
      try {
        return (await lstat(at)).isFile();
      } catch (error) {
        if (isAbsent(error)) return false;
        throw unavailable(at, error);
      }
    },
    remove: async (name) => {
      const at = path(name);
      try {
        await rm(at, { force: true });
      } catch (error) {
        if (!isAbsent(error)) throw unavailable(at, error);
      }
    },
  };
};
