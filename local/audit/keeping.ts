import { coverAudit } from '#lib/cover-audit';
import type { Deps } from '#lib/deps';
import { asPapilioError } from '#lib/errors';
import type { EventLog } from '#ports/event-log';
import type { AnchorReport } from '#schema/anchor';
import { type Anchoring, startAnchoring } from './anchoring.ts';
import { openAnchor } from './open-anchor.ts';

/** Whose audit log is kept. The working directory is the data folder. */
export type KeepingOptions = { readonly deps: Deps; readonly log: EventLog };

/** What a plane does for its audit log beside its work. */
export type AuditKeeping = {
  readonly report: () => { readonly anchor?: AnchorReport };
  readonly stop: () => Promise<void>;
};

/** Covers what earlier versions wrote; after a failure the next start does it. */
const startCovering = ({ deps, log }: KeepingOptions) => {
  let isStopped = false;
  const running = coverAudit({ deps, log, isStopped: () => isStopped }).then(
    (count) => count > 0 && deps.log.info({ count }, 'audit lines of an earlier version covered by events'),
    (error: unknown) =>
      deps.log.warn({ reason: asPapilioError(error).reason }, 'audit lines of an earlier version not covered yet'),
  );
  return {
    stop: async () => {
      isStopped = true;
      await running;
    },
  };
};

const openAnchoring = async ({ deps, log }: KeepingOptions): Promise<Anchoring | undefined> => {
  const { config, plane, clock, log: logger } = deps;
  if (config.PAPILIO_ANCHOR === undefined) return undefined;
  const anchor = await openAnchor(config.PAPILIO_ANCHOR, config);
  return startAnchoring({ plane, folder: plane, config, anchor, log, clock, logger });
};

/** Starts to cover and to anchor a plane's audit log. @throws config-invalid for an anchor without an address */
export const startAuditKeeping = async (options: KeepingOptions): Promise<AuditKeeping> => {
  const anchoring = await openAnchoring(options);
  const covering = startCovering(options);
  return {
    report: () => (anchoring === undefined ? {} : { anchor: anchoring.report() }),
    stop: async () => {
      await covering.stop();
      await anchoring?.stop();
    },
  };
};
