import { commit, untilNoConflict } from './change.ts';
import type { Deps } from './deps.ts';
import { readFacet, reviseFacet } from './facet.ts';
import { holdsJobs, judgeProcessing } from './model/suspension.ts';
import { facetRevisions } from './records.ts';

/** How processing stands: the revision in force, whether an operator holds it, and if jobs are held back, why. */
export type Processing = {
  readonly revision: number;
  readonly value: string;
  readonly isHeld: boolean;
  /** `suspended-by-operator since …: …`. */
  readonly hold?: string;
};

const held = 'suspended-by-operator';

/** How processing stands; it runs as long as nothing is known. */
export const readProcessing = async (deps: Pick<Deps, 'ids' | 'store'>): Promise<Processing> => {
  const head = await readFacet('processing', deps);
  if (!head) return { revision: 0, value: 'running', isHeld: false };
  const { value, eventAt, reason } = head.doc;
  const hold = holdsJobs(value) ? { hold: `${value} since ${eventAt}: ${reason}` } : {};
  return { revision: head.version, value, isHeld: value === held, ...hold };
};

/** Who has processing looked at, and what an operator wants of it: to hold it for a reason, or to hold it no more. */
type Review = {
  readonly actor: string;
  readonly causeId?: string;
  readonly operator?: { readonly holdsBecause: string | undefined };
};

/** Judges anew whether the stream is processed, and revises the facet if it turned out otherwise. @see 3.2 */
export const reviewProcessing = (review: Review, deps: Deps): Promise<void> =>
  untilNoConflict(async () => {
    const [detector, stream, current] = await Promise.all([
      readFacet('detector', deps),
      readFacet('stream', deps),
      readFacet('processing', deps),
    ]);
    const holdsBecause = current?.doc.value === held ? current.doc.reason : undefined;
    const { actor, causeId, operator = { holdsBecause } } = review;
    const known = { heldBecause: operator.holdsBecause, detector: detector?.doc.value, stream: stream?.doc.value };
    const verdict = judgeProcessing(known, deps.config.PAPILIO_SUSPEND_STATES);
    const at = deps.now();
    const { changes, writes } = reviseFacet(deps, current, {
      facet: 'processing',
      owner: 'papilio',
      ...verdict,
      eventAt: at,
      receivedAt: at,
      actor,
      ...(causeId === undefined ? {} : { causeId }),
      confidence: verdict.value === held ? 'told' : 'implied',
    });
    await commit(deps, changes, writes);
  });

/** Whether a command led to a revision already: a later command may have revised it again since. */
export const wasCarriedOut = async (commandId: string, deps: Pick<Deps, 'store'>): Promise<boolean> => {
  const { items } = await facetRevisions.list(deps.store, 'i1', 'facet#processing', { newestFirst: true, limit: 100 });
  return items.some(({ doc }) => doc.causeId === commandId);
};

/** Has the broker look again at all that waits. */
export const tellBroker = (deps: Pick<Deps, 'queues'>): Promise<void> =>
  deps.queues.send('broker', [{ kind: 'review' }]);
