import { embedded } from '#lib/deps';
import type { Clock } from '#ports/clock';
import type { PlaneRecords } from '../../functions/api/surroundings.ts';
import type { Plane } from '../../functions/catalog.ts';

/** Both planes' store files, opened to read only, each when it is first there to be opened. */
export const createPlaneRecords = (clock: Clock) => {
  const opened = new Map<Plane, Promise<PlaneRecords>>();

  const open = async (plane: Plane): Promise<PlaneRecords> => {
    const openStore = await embedded.sqliteStore();
    return openStore({ path: `${plane}/store.db`, clock, readOnly: true });
  };

  /** @throws store-unavailable as long as the plane has not made its file. */
  const records = (plane: Plane): Promise<PlaneRecords> => {
    const opening = opened.get(plane) ?? open(plane);
    opened.set(plane, opening);
    opening.catch(() => opened.delete(plane));
    return opening;
  };

  const close = async (): Promise<void> => {
    for (const opening of opened.values()) {
      const found = await opening.catch(() => undefined);
      await found?.store.close();
    }
  };
  return { records, close };
};
