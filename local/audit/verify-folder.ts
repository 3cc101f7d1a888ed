import { join } from 'node:path';
import { type AuditLook, checkAudit } from '#lib/audit-check';
import { embedded } from '#lib/deps';
import { systemClock } from '#lib/system-clock';
import type { Anchor } from '#ports/anchor';
import type { AuditReport } from '#schema/audit-report';
import type { Plane } from '../../functions/catalog.ts';
import type { Deed } from '../supervisor/data-folder.ts';
import { publicKeyIn, readState } from './anchor-state.ts';

/** The audit log of a plane in a data folder. */
export type FolderLook = {
  readonly folder: string;
  readonly plane: Plane;
  readonly deed: Pick<Deed, 'instance' | 'wing'>;
  readonly anchor?: Anchor | undefined;
  readonly onProgress?: AuditLook['onProgress'];
};

/** What the folder knows of its heads in an anchor. */
const knownOf = async (planeFolder: string, anchor: Anchor) => {
  const state = await readState(planeFolder);
  const isThere = state !== undefined && state.anchor === anchor.name && state.isAdded;
  return { ownKey: await publicKeyIn(planeFolder), lastKnown: isThere ? state.head : undefined };
};

/** Verifies it, opened to read only, beside a plane that serves or not. @throws store-unavailable for a store or an anchor that cannot be read */
export const verifyFolder = async (look: FolderLook): Promise<AuditReport> => {
  const { folder, plane, deed, anchor, onProgress } = look;
  const known = anchor && (await knownOf(join(folder, plane), anchor));
  const openStore = await embedded.sqliteStore();
  const path = join(folder, plane, 'store.db');
  const { store, log } = await openStore({ path, clock: systemClock, readOnly: true });
  try {
    const owner = { instance: deed.instance, wing: deed.wing, plane };
    return await checkAudit({ store, log, owner, anchor, ...known, ...(onProgress && { onProgress }) });
  } finally {
    await store.close();
  }
};
