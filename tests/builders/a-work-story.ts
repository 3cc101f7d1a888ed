import type { PlaneRecords } from '../../functions/api/surroundings.ts';
import { commit } from '../../functions/lib/change.ts';
import { bundles, explains, facilities, placements } from '../../functions/lib/records.ts';
import { aFacility } from './a-job.ts';

/** Ids of what is under way in the story. */
export const underWay = {
  facility: 'prod_facility_local',
  bundle: 'prod_bundle_bnl-1-00102363-00000009-p1-a1',
  waiting: 'prod_job_bnl-1-00102363-00000010-p1',
} as const;

/** A facility with a bundle that is handed over, and a job that waits for a place there. */
export const tellWork = async ({ store }: PlaneRecords): Promise<void> => {
  const at = '2026-01-01T12:00:00.000Z';
  const { facility, bundle, waiting } = underWay;
  const attemptIds = [bundle.replace('_bundle_', '_attempt_')];
  const handedOver = { id: bundle, facility: 'local', queue: 'default', token: 'the-token-of-a-task', attemptIds };
  const wait = {
    kind: 'place' as const,
    token: 'the-token-of-a-place',
    jobId: waiting,
    attempt: 1,
    requestedAt: at,
    avoid: [],
    resources: { cores: 1, memoryMb: 1024, diskMb: 256, timeoutS: 300 },
    priority: 500,
  };
  const reason = 'all 2 slots are taken';
  const judged = { facility: 'local', queue: 'default', isEligible: false, score: 0, factors: {}, reason };
  const explain = { jobId: waiting, attempt: 1, decidedAt: at, chosen: 'none', considered: [judged] };
  const site = aFacility('local', { id: facility });
  await commit(
    { store },
    [],
    [
      facilities.put(facility, site, 0),
      bundles.put(bundle, handedOver, 0),
      placements.put(waiting, wait, 0),
      explains.put(waiting, explain, 0),
    ],
  );
};
