import type { Resources } from '#schema/job';

/** What the payload of one STF may use: it streams the file, so memory does not grow with it; 5 minutes are 100 × what 2 GB took. */
export const hitsResources: Resources = { cores: 1, memoryMb: 1024, diskMb: 256, timeoutS: 300 };
