import { homedir } from 'node:os';
import { join } from 'node:path';
import { environment } from '#lib/config';

const cache = environment().XDG_CACHE_HOME || join(homedir(), '.cache');

/** Where a part is installed: outside the repository, kept from run to run. */
export const partHome = (name: string, version: string): string => join(cache, 'papilio', `${name}-${version}`);

/** A search path with a part's own programs in front. */
export const pathWith = (folder: string): string => `${folder}:${environment().PATH ?? ''}`;
