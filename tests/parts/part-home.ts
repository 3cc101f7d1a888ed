import { homedir } from 'node:os';
import { join } from 'node:path';

const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');

/** Where a part is installed: outside the repository, kept from run to run. */
export const partHome = (name: string, version: string): string => join(cache, 'papilio', `${name}-${version}`);
