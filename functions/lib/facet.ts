import { type Change, change } from './change.ts';
import type { Deps } from './deps.ts';
import { PapilioError } from './errors.ts';
import type { Write } from './ports/store.ts';
import { facetRevisions, facets, type Stored } from './records.ts';
import type { FacetName, FacetOwner, FacetRevision } from './schema/facet.ts';

/** Who alone may revise each facet. */
export const facetOwners: Readonly<Record<FacetName, FacetOwner>> = {
  detector: 'daq',
  'run-control': 'daq',
  observed: 'stream',
  stream: 'papilio',
  processing: 'papilio',
};

/** What a revision says; number, owner and previous value follow from the one before. */
export type NextRevision = Omit<
  FacetRevision,
  'owner' | 'revision' | 'previousValue' | 'schemaVersion' | 'type' | 'facet'
> & {
  readonly facet: FacetName;
  readonly owner: FacetOwner;
  /** A correction counts even if the value stays as it is. */
  readonly type?: FacetRevision['type'];
};

/** What must be written together for a revision; empty if there is none. */
export type Revising = { readonly changes: readonly Change[]; readonly writes: readonly Write[] };

const nothing: Revising = { changes: [], writes: [] };

/** Id of a facet: one of each an instance. */
export const facetId = (facet: FacetName, deps: Pick<Deps, 'ids'>): string => deps.ids.of('facet', facet);

/** The latest revision of a facet; undefined as long as nothing is known of it. */
export const readFacet = (
  facet: FacetName,
  deps: Pick<Deps, 'ids' | 'store'>,
): Promise<Stored<FacetRevision> | undefined> => facets.get(deps.store, facetId(facet, deps));

/**
 * The writes that revise a facet after the revision that was read: its head, the revision itself, which stays for ever, and
 * the event. The same value again, of the same run, is no revision. @throws facet-not-owned @see 3.3
 */
export const reviseFacet = (
  deps: Pick<Deps, 'config' | 'plane' | 'now' | 'ids'>,
  current: Stored<FacetRevision> | undefined,
  next: NextRevision,
): Revising => {
  const { facet, owner, type = 'changed' } = next;
  if (facetOwners[facet] !== owner)
    throw new PapilioError('facet-not-owned', `${owner} revises ${facet}, which ${facetOwners[facet]} owns`);
  if (type === 'changed' && current?.doc.value === next.value && current.doc.runId === next.runId) return nothing;
  const revision: FacetRevision = {
    ...next,
    revision: (current?.version ?? 0) + 1,
    ...(current === undefined ? {} : { previousValue: current.doc.value }),
    type,
    schemaVersion: 1,
  };
  const id = facetId(facet, deps);
  const head = facets.put(id, revision, current?.version ?? 0);
  const kept = facetRevisions.put(deps.ids.of('revision', `${facet}-${revision.revision}`), revision, 0);
  const { causeId, actor } = revision;
  const fact = {
    type: 'facet.changed',
    ...(causeId === undefined ? {} : { cause: causeId }),
    by: actor,
    data: revision,
  };
  return { changes: [change(deps, id, head, fact)], writes: [kept] };
};

/**
 * Brings a facet to where all messages together put it: no revision if it stands there, `changed` if that is later than what
 * was known, `corrected` if a late message showed that it had been otherwise. @throws facet-not-owned
 */
export const followFacet = (
  deps: Pick<Deps, 'config' | 'plane' | 'now' | 'ids'>,
  current: Stored<FacetRevision> | undefined,
  next: Omit<NextRevision, 'type'>,
): Revising => {
  const head = current?.doc;
  const isSame = head?.value === next.value && head.runId === next.runId;
  const isSameCause = head?.eventAt === next.eventAt && head.causeId === next.causeId;
  if (isSame && isSameCause && head.configuration === next.configuration) return nothing;
  const isLater = !isSame && (head === undefined || head.eventAt <= next.eventAt);
  return reviseFacet(deps, current, { ...next, type: isLater ? 'changed' : 'corrected' });
};
