import type { Resources } from '#schema/job';

/** What warming a facility may use: a payload on a small STF, which takes it half a second; half a minute is plenty. */
export const warmResources: Resources = { cores: 1, memoryMb: 512, diskMb: 64, timeoutS: 30 };

/** Warm-ups of a run, one after the other: after one, what only a second use compiles still costs its first STF 40 ms. */
export const warmUps = 4;
