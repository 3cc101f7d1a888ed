import type { Explain, PlacementRequest } from '#schema/assignment';
import type { Facility } from '#schema/facility';
import type { Job, Place } from '#schema/job';
import type { Decision } from './choose.ts';

/** A request that is not assigned; `version` 0: the store has none for this job. */
export type Waiting = {
  readonly doc: PlacementRequest;
  readonly version: number;
  readonly isSaved: boolean;
  /** The reason recorded for its wait: a suspension of processing, drained facilities, or a file that is not archived. */
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
export type Sites = readonly { readonly doc: Facility; readonly version: number }[];

/** A moment at which all that waits was judged; `hold` is the reason for which nothing was placed. */
export type Judgement = {
  readonly processing: { readonly revision: number; readonly hold?: string };
  readonly sites: Sites;
  readonly decisions: readonly Decision[];
  readonly decidedAt: string;
};

/** A request with the reason for its wait that is to be recorded. */
export type Untold = { readonly waiting: Waiting; readonly explain: Explain };

/**
 * Returns the requests whose reason to wait is another than the one recorded: once when processing is suspended, a facility is
 * drained or the file is awaited, again if they still wait when that is over. O(waiting).
 */
export const untoldIn = (
  requests: Iterable<Waiting>,
  { processing, sites, decisions, decidedAt }: Judgement,
): Untold[] => {
  const { hold } = processing;
  const reasonOfAll = waitsFor(processing, sites);
  const consideredOf = new Map(decisions.map(({ request, considered }) => [request.jobId, [...considered]]));
  return [...requests].flatMap((waiting) => {
    const { jobId, attempt } = waiting.doc;
    const awaited = waitReason(waiting.doc);
    const toldOf = hold === undefined ? (awaited ?? reasonOfAll) : reasonOfAll;
    if (waiting.toldOf === toldOf) return [];
    const held = hold ?? awaited;
    const considered = consideredOf.get(jobId) ?? [];
    const explain = { jobId, attempt, decidedAt, chosen: 'none', ...(held === undefined ? {} : { held }), considered };
    return [{ waiting: { ...waiting, toldOf }, explain }];
  });
};

/** All places that a job was given, of attempts that were handed over too: a repeated request learns how those ended. */
export const placesOf = ({ id: jobId, place, attempts }: Job): readonly Place[] => [
  ...attempts.map(({ id: attemptId, number: attempt, bundleId, facility, queue }) => ({
    jobId,
    attemptId,
    attempt,
    bundleId,
    facility,
    queue,
  })),
  ...(place ? [place] : []),
];

const waitReason = ({ file }: PlacementRequest): string | undefined =>
  file?.isAwaited ? `awaiting-file: ${file.name} is not archived yet` : undefined;

/** What makes work wait that would not wait by itself: a suspension, or drains; undefined if there is none. */
const waitsFor = ({ hold, revision }: Judgement['processing'], sites: Sites): string | undefined => {
  if (hold !== undefined) return `processing ${revision}`;
  const drained = sites.flatMap(({ doc, version }) => (doc.drain ? [`${doc.name} ${version}`] : []));
  return drained.length === 0 ? undefined : `drained ${drained.join(', ')}`;
};
