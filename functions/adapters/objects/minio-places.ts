import { boundedMap } from './bounded-map.ts';
import { folderAndObject, foldersAbove } from './key.ts';
import type { Shelf } from './minio-shelf.ts';

const remembered = 10_000;

/**
 * Keeps keys apart that no disk could hold together, so that objects can move to one: S3 has `a` and `a/b` side by side.
 * Two writers who begin with them at the same moment are not kept apart.
 */
export const createPlaces = ({ bucket, stat }: Shelf) => {
  /** Below these lies something, so they are no objects. */
  const folders = boundedMap<string, true>(remembered);

  const isFolder = async (key: string): Promise<boolean> => {
    const { objects } = await bucket.ask((client) => client.listObjectsV2Query(bucket.name, `${key}/`, '', '', 1, ''));
    return objects.length > 0;
  };
  const isObject = async (key: string): Promise<boolean> => (await stat(key)) !== undefined;

  /** @throws object-key-invalid for a key below an object, and for one that is a folder */
  const need = async (key: string): Promise<void> => {
    const above = foldersAbove(key).filter((folder) => folders.get(folder) === undefined);
    const found = await Promise.all([isFolder(key), ...above.map(isObject)]);
    if (found.includes(true)) throw folderAndObject(key);
  };
  const remember = (key: string): void => {
    for (const folder of foldersAbove(key)) folders.set(folder, true);
  };

  return { need, remember };
};

/** Which keys are folders. */
export type Places = ReturnType<typeof createPlaces>;
