/** A moment as records and answers tell it. */
export const iso = (ms: number): string => new Date(ms).toISOString();
