import type { Resources } from '#schema/job';

/** What the merge of a run may use: it reads histograms, not hits. */
export const mergeResources: Resources = { cores: 1, memoryMb: 1024, diskMb: 256, timeoutS: 600 };
