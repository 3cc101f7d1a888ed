import type { Sighting, Sightings } from '#schema/sighting';
import { compareText } from './order.ts';
import { clockBackS, clockDoubtStfs, sightingS, sightingsKept } from './policy.ts';

/** What is remembered after an STF was seen; `isClockBack`: its run counted on while its stamp went back, for the first time. */
type Seen = { readonly sightings: Sightings; readonly isClockBack: boolean };

/**
 * Remembers an STF's state, or nothing if an earlier one of the same state, run and seconds is known. What is remembered is
 * the least of each kind, so it follows from the set of STFs, not from their order. O(kept).
 *
 *     physics at 1.2 s, 3.4 s, 8.0 s, standby at 9.1 s → physics at 1.2 s and 8.0 s, standby at 9.1 s
 *
 * Where a later STF of a run is stamped far before an earlier one, one of the two is wrong: the later is doubted and does not
 * count. If those after it say the same, the clock is set back: what they contradict is forgotten, or the state would stand
 * still until the clock is there again.
 */
export const see = (before: Sightings, stf: Sighting): Seen | undefined => {
  if (!before.latest.some((known) => backS(known, stf) > clockBackS)) return enter(before, stf);
  const { doubted, ...known } = before;
  if (doubted?.run !== stf.run) return { sightings: { ...known, doubted: stf }, isClockBack: true };
  if (stf.sequence - doubted.sequence < clockDoubtStfs) return undefined;
  const latest = known.latest.filter((one) => backS(one, stf) <= 0);
  return enter({ ...known, latest }, stf) ?? { sightings: { ...known, latest }, isClockBack: false };
};

const enter = (before: Sightings, stf: Sighting): Seen | undefined => {
  const same = before.latest.find((known) => kindOf(known) === kindOf(stf));
  if (same && inOrder(same, stf) <= 0) return undefined;
  const all = [...before.latest.filter((known) => known !== same), stf].sort(inOrder);
  const dropped = all.slice(0, -sightingsKept);
  if (dropped.includes(stf)) return undefined;
  const base = dropped.reduce<Sighting | undefined>(
    (start, one) => (start && isSameState(start, one) ? start : one),
    before.before,
  );
  const { doubted } = before;
  // A doubt is over when the run goes on as before.
  const isDoubted = doubted && !(doubted.run === stf.run && doubted.sequence < stf.sequence);
  return {
    sightings: {
      latest: all.slice(-sightingsKept),
      ...(base ? { before: base } : {}),
      ...(isDoubted ? { doubted } : {}),
    },
    isClockBack: false,
  };
};

/** The sighting since which the state of the latest STF has not changed. */
export const standing = ({ latest, before }: Sightings): Sighting | undefined => {
  const last = latest.at(-1);
  if (!last) return undefined;
  let at = latest.length - 1;
  for (let one = latest[at - 1]; one && isSameState(one, last); one = latest[at - 1]) at -= 1;
  return at === 0 && before && isSameState(before, last) ? before : latest[at];
};

const isSameState = (a: Sighting, b: Sighting): boolean => a.value === b.value && a.run === b.run;

const kindOf = ({ value, run, stampedAt }: Sighting): string =>
  `${Math.floor(Date.parse(stampedAt) / (sightingS * 1000))} ${run} ${value}`;

/** How far the clock went back between an STF of a run and a later one; 0 where it did not. */
const backS = (known: Sighting, stf: Sighting): number =>
  known.run === stf.run && known.sequence < stf.sequence && known.stampedAt > stf.stampedAt
    ? (Date.parse(known.stampedAt) - Date.parse(stf.stampedAt)) / 1000
    : 0;

const inOrder = (a: Sighting, b: Sighting): number =>
  compareText(a.stampedAt, b.stampedAt) ||
  a.run - b.run ||
  a.sequence - b.sequence ||
  compareText(a.messageId, b.messageId);
