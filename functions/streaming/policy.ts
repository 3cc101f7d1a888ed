import type { Resources } from '#schema/job';

/** What the merge of a run may use: it reads histograms, not hits, one input at a time. */
export const mergeResources: Resources = { cores: 1, memoryMb: 1024, diskMb: 256, timeoutS: 600 };

/** How long a merge waits at most between two looks at its run: a run that stays open for weeks must not fill the history. */
export const lookLongestS = 3600;

/** How long STFs that are being processed hold up a merge though none of them settles: a day, as a job may queue at a facility. */
export const inFlightLongestS = 86_400;
