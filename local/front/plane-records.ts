import { embedded } from '#lib/deps';
import type { Clock } from '#ports/clock';
import type { PlaneRecords } from '../../functions/api/surroundings.ts';
import type { Plane } from '../../functions/catalog.ts';

type OpenRecords = (plane: Plane) => Promise<PlaneRecords>;

/** Opens a plane's store file to read only. */
export const sqliteRecords =
  (clock: Clock): OpenRecords =>
  async (plane) => {
    const openStore = await embedded.sqliteStore();
    return openStore({ path: `${plane}/store.db`, clock, readOnly: true });
  };

/** Both planes' records, each opened when it is first there to be opened. */
export const createPlaneRecords = (open: OpenRecords) => {
  const opened = new Map<Plane, Promise<PlaneRecords>>();

  /** @throws store-unavailable as long as the plane has no records to read. */
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
