import { join } from 'node:path';
import { embedded } from '#lib/deps';
import type { Check } from '#schema/check-up';
import type { Plane } from '../../functions/catalog.ts';

/** The writer moves its log into the file when it has grown to some megabytes; this is far more. */
const longWalBytes = 256_000_000;

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** Whether a plane's store is whole: its pages, and the chain of its events. */
export const checkStore = async (folder: string, plane: Plane, isDeep: boolean): Promise<Check> => {
  const inspect = await embedded.inspectStore();
  const path = join(folder, plane, 'store.db');
  const { sizeBytes, walBytes, events, problems } = await inspect(path, isDeep);
  const size = `${megabytes(sizeBytes)} and ${megabytes(walBytes)} of write-ahead log`;
  const about = { check: 'store', of: plane } as const;
  if (problems.length > 0) {
    return {
      ...about,
      level: 'problem',
      what: `${path} (${size}) is not whole: ${problems.join('; ')}`,
      todo: 'Stop papilio, keep the whole folder as it is, and follow docs/operators/runbooks/damaged-bytes.md.',
    };
  }
  if (walBytes > longWalBytes) {
    return {
      ...about,
      level: 'warning',
      what: `${path} is whole, but ${megabytes(walBytes)} are written and not in the file itself`,
      todo: 'A reader that stays open for hours keeps it so: see who has the file open (lsof), and end it.',
    };
  }
  return { ...about, level: 'ok', what: `${size}, ${events} events, whole` };
};

/** The store of a plane on a stack is not in the folder: who has it examines it. */
export const storeElsewhere = (plane: Plane, stack: string): Check => ({
  check: 'store',
  of: plane,
  level: 'ok',
  what: `in the stack of ${stack}, which npm run stack -- status looks at`,
});

/** Records and files of a plane on a stack: its services keep checksums of their own. */
export const bytesElsewhere = (of: Plane, stack: string): Check[] =>
  (['records', 'objects'] as const).map((check) => ({
    ...{ check, of, level: 'ok' as const },
    what: `in the stack of ${stack}, whose services keep checksums of their own`,
  }));
