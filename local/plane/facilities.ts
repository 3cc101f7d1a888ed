import { resolve } from 'node:path';
import type { Config } from '#lib/config';
import { embedded } from '#lib/deps';
import { PapilioError } from '#lib/errors';
import type { Log } from '#lib/log';
import type { Batch } from '#ports/batch';
import type { Clock } from '#ports/clock';
import type { Plane } from '../../functions/catalog.ts';
import { localFacility, slotsOf } from './local-facility.ts';
import type { Pause } from './pause.ts';

/** The facilities of a plane by name; only the work plane has any. */
export type Facilities = {
  readonly batches: ReadonlyMap<string, Batch>;
  readonly close: () => Promise<void>;
};

type FacilitiesOptions = {
  readonly plane: Plane;
  readonly config: Config;
  readonly clock: Clock;
  readonly pause: Pause;
  readonly log: Log;
};

/** A facility that takes nothing while its plane has no space. */
const refusingWhenPaused = (batch: Batch, pause: Pause): Batch => ({
  status: (ids) => batch.status(ids),
  cancel: (ids) => batch.cancel(ids),
  log: (id, firstByte, maxBytes) => batch.log(id, firstByte, maxBytes),
  probe: () => batch.probe(),
  outputPath: (id, path) => batch.outputPath(id, path),
  release: (id) => batch.release(id),
  unreleased: (endedBefore) => batch.unreleased(endedBefore),
  watch: (onChange) => batch.watch(onChange),
  close: () => batch.close(),
  submit: (submissions) => {
    const reason = pause.reason();
    return reason === undefined
      ? batch.submit(submissions)
      : Promise.reject(new PapilioError('store-full', `work plane: ${reason}`));
  },
});

const openLocal = async ({ config, clock, pause, log }: FacilitiesOptions): Promise<Batch> => {
  const open = await embedded.localBatch();
  const batch = await open({
    folder: resolve('work/jobs'),
    slots: slotsOf(config.PAPILIO_LOCAL_SLOTS),
    clock,
    keepDays: { succeeded: config.PAPILIO_KEEP_SUCCEEDED_DAYS, failed: config.PAPILIO_KEEP_FAILED_DAYS },
    onWarn: (reason) => log.warn({ facility: localFacility, reason }, 'facility warns'),
  });
  return refusingWhenPaused(batch, pause);
};

/** Opens, in the work plane, the facility that is this machine. */
export const openFacilities = async (options: FacilitiesOptions): Promise<Facilities> => {
  const batches: ReadonlyMap<string, Batch> =
    options.plane === 'work' ? new Map([[localFacility, await openLocal(options)]]) : new Map();
  return {
    batches,
    close: async () => {
      for (const batch of batches.values()) await batch.close();
    },
  };
};
