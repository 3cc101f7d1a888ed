/** Waits before a try; longer with each, by chance, so that those who met part. */
export type Pause = (tries: number) => Promise<void>;

const shortestMs = 20;
const longestMs = 1_000;

/** A pause by the clock of the machine: between zero and 20 ms at first, up to a second later. */
export const pauseByChance: Pause = (tries) => {
  const ms = Math.random() * Math.min(longestMs, shortestMs * 2 ** tries);
  return new Promise((resolve) => setTimeout(resolve, ms));
};
