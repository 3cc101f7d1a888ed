import { resolve } from 'node:path';
import type { Config } from '#lib/config';
import { embedded } from '#lib/deps';
import { PapilioError } from '#lib/errors';
import type { Log } from '#lib/log';
import type { Batch } from '#ports/batch';
import type { Clock } from '#ports/clock';
import type { EventLog } from '#ports/event-log';
import type { Objects } from '#ports/objects';
import type { Store } from '#ports/store';
import type { Plane } from '../../functions/catalog.ts';
import { nodeDisk } from '../engine/disk.ts';
import { localFacility, slotsOf } from './local-facility.ts';
import type { Pause } from './pause.ts';
import { readOnlyDisk } from './read-only-disk.ts';

/** What a plane keeps on its disk, open. */
export type Parts = {
  readonly store: Store;
  readonly log: EventLog;
  readonly archive: Objects;
  readonly outputs: Objects;
  readonly batches: ReadonlyMap<string, Batch>;
  readonly close: () => Promise<void>;
};

type PartsOptions = {
  readonly plane: Plane;
  readonly config: Config;
  readonly clock: Clock;
  readonly pause: Pause;
  readonly logger: Log;
};

/** Payloads run elsewhere, so their paths are absolute; each plane writes its own objects and only reads the other's. */
const openObjects = async (owner: Plane, reader: Plane): Promise<Objects> => {
  const open = await embedded.diskObjects();
  return open({ folder: resolve(owner, 'objects'), disk: owner === reader ? nodeDisk : readOnlyDisk(nodeDisk) });
};

/** A facility that takes nothing while its plane has no space. */
const refusingWhenPaused = (batch: Batch, pause: Pause): Batch => ({
  status: (ids) => batch.status(ids),
  cancel: (ids) => batch.cancel(ids),
  log: (id, firstByte, maxBytes) => batch.log(id, firstByte, maxBytes),
  probe: () => batch.probe(),
  outputPath: (id, path) => batch.outputPath(id, path),
  release: (id) => batch.release(id),
  watch: (onChange) => batch.watch(onChange),
  close: () => batch.close(),
  submit: (submissions) => {
    const reason = pause.reason();
    return reason === undefined
      ? batch.submit(submissions)
      : Promise.reject(new PapilioError('store-full', `work plane: ${reason}`));
  },
});

const openBatches = async ({ config, clock, pause, logger }: PartsOptions): Promise<ReadonlyMap<string, Batch>> => {
  const open = await embedded.localBatch();
  const batch = await open({
    folder: resolve('work/jobs'),
    slots: slotsOf(config.PAPILIO_LOCAL_SLOTS),
    clock,
    onWarn: (reason) => logger.warn({ facility: localFacility, reason }, 'facility warns'),
  });
  return new Map([[localFacility, refusingWhenPaused(batch, pause)]]);
};

/** Opens what a plane keeps: store and log, objects, and, in the work plane, the facility that is this machine. */
export const openParts = async (options: PartsOptions): Promise<Parts> => {
  const { plane, clock } = options;
  const openStore = await embedded.sqliteStore();
  const { store, log } = await openStore({ path: `${plane}/store.db`, clock });
  const batches: ReadonlyMap<string, Batch> = plane === 'work' ? await openBatches(options) : new Map();
  return {
    store,
    log,
    archive: await openObjects('archive', plane),
    outputs: await openObjects('work', plane),
    batches,
    close: async () => {
      for (const batch of batches.values()) await batch.close();
      await store.close();
    },
  };
};
