import type { Resources } from '#schema/job';

/** What warming a facility may use: a payload on a small STF, which takes it half a second; half a minute is plenty. */
export const warmResources: Resources = { cores: 1, memoryMb: 512, diskMb: 64, timeoutS: 30 };

/** Warm-ups of a run, one after the other: some code is compiled on its second use only. Figures: ADR 0020. */
export const warmUps = 4;
