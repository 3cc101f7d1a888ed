import type { Broken } from '#schema/broken';

/**
 * Remembers since when something is broken that tells no moment itself: since it was seen first, without a break. What is
 * whole again is forgotten.
 */
export const createSightings = () => {
  let seen: ReadonlyMap<string, string> = new Map();
  return (all: readonly Broken[], now: string): Broken[] => {
    const dated = all.map((one) => ({ ...one, since: one.since ?? seen.get(`${one.kind} ${one.what}`) ?? now }));
    seen = new Map(dated.map(({ kind, what, since }) => [`${kind} ${what}`, since]));
    return dated;
  };
};
export type Sightings = ReturnType<typeof createSightings>;
