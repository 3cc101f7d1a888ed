/** How long to wait, in ms from the start of a replay, before a message that came at `atS` of its own clock. */
export const createPacer = (speed: number): ((atS: number | undefined) => number) => {
  let firstS: number | undefined;
  let dueMs = 0;
  return (atS) => {
    if (atS === undefined || !Number.isFinite(atS)) return dueMs;
    firstS ??= atS;
    // A clock that jumps back does not make the replay wait for it again.
    dueMs = Math.max(dueMs, ((atS - firstS) / speed) * 1000);
    return dueMs;
  };
};
