import type { Deps } from '#lib/deps';
import type { Processing } from '#lib/processing';
import { explains, type Stored } from '#lib/records';
import type { PlacementRequest } from '#schema/assignment';
import type { Facility } from '#schema/facility';
import type { Decision } from './choose.ts';
import { waitReason } from './file-wait.ts';

/** A request that is not assigned; `version` 0: the store has none for this job. */
export type Waiting = Stored<PlacementRequest> & {
  readonly isSaved: boolean;
  /** What was told of why it waits: a suspension of processing, or the facilities that are drained. */
  readonly toldOf?: string | undefined;
};

/** What the single writer remembers between calls; rebuilt from the store when it is new. */
export type BrokerState = {
  readonly placed: Map<string, string>;
  readonly waiting: Map<string, Waiting>;
  /** Jobs whose awaited file is to be looked for once they are saved: what is archived later is reported. */
  readonly unseen: Set<string>;
};
/** All facilities, as they were read. */
export type Sites = readonly Stored<Facility>[];
type Looked = { readonly sites: Sites; readonly decisions: readonly Decision[] };

/** What makes work wait that would not wait by itself: a suspension, or drains; undefined if there is none. */
const waitsFor = ({ hold, revision }: Processing, sites: Sites): string | undefined => {
  if (hold !== undefined) return `processing ${revision}`;
  const drained = sites.flatMap(({ doc, version }) => (doc.drain ? [`${doc.name} ${version}`] : []));
  return drained.length === 0 ? undefined : `drained ${drained.join(', ')}`;
};

/**
 * Says under a job's own id why it waits: once when processing is suspended or a facility is drained, once more if it
 * still waits when that is over.
 */
export const explainWaiting = async (
  processing: Processing,
  { sites, decisions }: Looked,
  state: BrokerState,
  deps: Deps,
): Promise<void> => {
  const { hold } = processing;
  const all = waitsFor(processing, sites);
  const untold = [...state.waiting.values()].flatMap((waiting) => {
    const toldOf = hold === undefined && waiting.doc.file?.isAwaited ? waitReason(waiting.doc.file) : all;
    return waiting.toldOf === toldOf ? [] : [{ ...waiting, toldOf }];
  });
  const consideredOf = new Map(decisions.map(({ request, considered }) => [request.jobId, [...considered]]));
  const explain = { decidedAt: deps.now(), chosen: 'none' };
  await explains.putMany(
    deps.store,
    untold.map(({ doc: { jobId, attempt, file } }) => {
      const considered = consideredOf.get(jobId) ?? [];
      const held = hold ?? (file?.isAwaited ? waitReason(file) : undefined);
      return [jobId, { jobId, attempt, ...explain, ...(held === undefined ? {} : { held }), considered }];
    }),
  );
  for (const waiting of untold) state.waiting.set(waiting.doc.jobId, waiting);
};
