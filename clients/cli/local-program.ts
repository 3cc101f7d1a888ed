import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folders above this file, from the nearest on: bundled, it lies elsewhere than its source. */
const above = (folder: string): string[] =>
  dirname(folder) === folder ? [folder] : [folder, ...above(dirname(folder))];

/** What runs a program of the checkout that this command line belongs to. */
export type LocalProgram = { readonly node: string; readonly path: string };

/** A program of `local/`, which is no part of the clients and runs by itself; undefined for a command line that stands alone. */
export const localProgram = (name: string): LocalProgram | undefined => {
  const folders = above(dirname(fileURLToPath(import.meta.url)));
  const root = folders.find((folder) => existsSync(join(folder, 'local', name)));
  if (root === undefined) return undefined;
  const pinned = join(root, 'node_modules', 'node', 'bin', 'node');
  return { node: existsSync(pinned) ? pinned : process.execPath, path: join(root, 'local', name) };
};
