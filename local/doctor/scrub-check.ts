import { join } from 'node:path';
import { openDamages } from '#lib/damages';
import { embedded } from '#lib/deps';
import { createIds } from '#lib/ids';
import { damages, scrubs } from '#lib/records';
import { systemClock } from '#lib/system-clock';
import type { Check } from '#schema/check-up';
import type { ScrubState } from '#schema/damage';
import type { Plane } from '../../functions/catalog.ts';
import type { Deed } from '../supervisor/data-folder.ts';
import { damageCheck, moreDamaged, mostNamed } from './damage-checks.ts';
import { openPlaneObjects } from './plane-objects.ts';

const shownPass = (state: ScrubState | undefined): string => {
  const done = state?.lastPass;
  if (done === undefined)
    return 'the first pass over everything has not ended yet; papilio doctor --deep reads all now';
  const { endedAt = '', objects, records, sizeBytes } = done;
  return `${objects} files and ${records} records (${(sizeBytes / 1e6).toFixed(1)} MB) were read until ${endedAt}, nothing is damaged`;
};

/** What a plane's scrubber has named and that is not repaired yet, and when it last read everything. */
export const checkScrub = async (
  folder: string,
  plane: Plane,
  { instance, wing, epoch }: Pick<Deed, 'instance' | 'wing' | 'epoch'>,
): Promise<Check[]> => {
  const openStore = await embedded.sqliteStore();
  const path = join(folder, plane, 'store.db');
  const { store } = await openStore({ path, clock: systemClock, readOnly: true });
  try {
    const { items, next } = await damages.list(store, 'i1', openDamages, { limit: mostNamed });
    const objects = await openPlaneObjects(folder, plane);
    const pathOf = async (key: string | undefined) => (key === undefined ? undefined : await objects.localPath(key));
    const named: Check[] = [];
    for (const { doc } of items) named.push(damageCheck(plane, { ...doc, path: await pathOf(doc.objectKey) }));
    if (next !== undefined) named.push({ ...moreDamaged(plane, 'objects', 1), what: 'more are damaged' });
    const state = await scrubs.get(store, createIds(instance, wing, epoch).of('scrub', plane));
    const ok = (check: 'records' | 'objects'): Check => ({
      check,
      of: plane,
      level: 'ok',
      what: shownPass(state?.doc),
    });
    const without = (['records', 'objects'] as const).filter((kind) => !named.some(({ check }) => check === kind));
    return [...named, ...without.map(ok)];
  } finally {
    await store.close();
  }
};
