import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { root } from './shell.ts';

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      license: z.string().optional(),
      dev: z.boolean().optional(),
      link: z.boolean().optional(),
    }),
  ),
});

/** A package that is installed from a registry. */
export type Package = {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** Only papilio's developers have it. */
  readonly isDev: boolean;
};

/** The packages of a lock file, without those that lie in the repository itself. */
export const packagesIn = (lockFile: string): readonly Package[] =>
  Object.entries(Lock.parse(JSON.parse(lockFile)).packages).flatMap(([path, { version, license, dev, link }]) => {
    const name = path.split('node_modules/').at(-1) ?? '';
    if (!path.includes('node_modules/') || link === true || version === undefined) return [];
    return [{ name, version, licence: license ?? 'none', isDev: dev === true }];
  });

/** What papilio is installed from. */
export const installedPackages = async (): Promise<readonly Package[]> => {
  const packages = packagesIn(await readFile(join(root, 'package-lock.json'), 'utf8'));
  if (packages.length === 0) throw new Error('package-lock.json names no package');
  return packages;
};
