import { commit } from '#lib/change';
import type { Deps } from '#lib/deps';
import { facetOwners, readFacet, reviseFacet } from '#lib/facet';
import type { FacetName } from '#schema/facet';

/** Revises a facet as its owner would: `aFacetRevision(deps, 'detector', 'off/eic')`. */
export const aFacetRevision = async (deps: Deps, facet: FacetName, value: string): Promise<void> => {
  const at = deps.now();
  const { changes, writes } = reviseFacet(deps, await readFacet(facet, deps), {
    facet,
    owner: facetOwners[facet],
    value,
    reason: 'this test',
    eventAt: at,
    receivedAt: at,
    actor: 'test',
    confidence: 'told',
  });
  await commit(deps, changes, writes);
};
