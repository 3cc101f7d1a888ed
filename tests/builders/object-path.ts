import { basename, dirname, join } from 'node:path';
import { thousandOf } from '#lib/model/shard';

/** Path of an object's file in a data folder, for tests that read or damage it behind papilio's back. */
export const objectPath = (folder: string, plane: 'archive' | 'work', key: string): string =>
  join(folder, plane, 'objects', 'data', dirname(key), thousandOf(basename(key)) ?? '', basename(key));
