import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

const project = fileURLToPath(new URL('../../', import.meta.url));
const Package = z.object({ name: z.string(), version: z.string() });

/** What a file holds; undefined where there is none. */
const textOf = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined);

/** The commit of a checkout, 12 hex digits; undefined outside one. */
const commitOf = async (folder: string): Promise<string | undefined> => {
  const head = (await textOf(resolve(folder, '.git/HEAD')))?.trim() ?? '';
  const [, ref] = /^ref: (refs\/[\w./-]+)$/.exec(head) ?? [];
  const packed = async () =>
    (await textOf(resolve(folder, '.git/packed-refs')))?.split('\n').find((line) => line.endsWith(` ${ref}`));
  const hash = ref === undefined ? head : ((await textOf(resolve(folder, '.git', ref))) ?? (await packed()) ?? '');
  return /^[0-9a-f]{12}/.exec(hash)?.[0];
};

/** Version and commit of the papilio that runs: `papilio-0.1.0+1a2b3c4d5e6f`. @see 15.6 */
export const buildOf = async (folder = project): Promise<string> => {
  const { name, version } = Package.parse(JSON.parse(await readFile(resolve(folder, 'package.json'), 'utf8')));
  const commit = await commitOf(folder);
  return commit === undefined ? `${name}-${version}` : `${name}-${version}+${commit}`;
};
