import { resolve } from 'node:path';
import { embedded } from '#lib/deps';
import { nodeDisk } from '#lib/node-disk';
import type { Objects } from '#ports/objects';
import type { Plane } from '../../functions/catalog.ts';
import { readOnlyDisk } from '../plane/read-only-disk.ts';

/** The files of a plane in a data folder, opened to read only. */
export const openPlaneObjects = async (folder: string, plane: Plane): Promise<Objects> => {
  const open = await embedded.diskObjects();
  return open({ folder: resolve(folder, plane, 'objects'), disk: readOnlyDisk(nodeDisk) });
};
