/**
 * How far ahead of its receipt a message may be stamped, in seconds. No stamp names a zone, and a recording may be played
 * faster than it was taken: a day of it, and an hour, is no jump of the clock.
 */
export const clockAheadS = 90_000;
/** How far the DAQ's clock may go back between STFs of one run, in seconds; smaller steps order nothing wrongly for long. */
export const clockBackS = 60;
/** So many STFs later the DAQ's clock is believed to be set back: some ten seconds, more than a glitch of a few stamps. */
export const clockDoubtStfs = 16;
/**
 * STFs in the same state within so many seconds of the DAQ's time are remembered by the first of them: one write in five
 * seconds at any rate of STFs. What changes and changes back within it is seen with the next STF after it.
 */
export const sightingS = 5;
/** Sightings that are kept: a message that is later than so many of them changes what was observed no more. */
export const sightingsKept = 64;
/** Runs of which it is remembered what they said last: as many may be corrected away before the state now is unknown. */
export const runsKept = 64;
