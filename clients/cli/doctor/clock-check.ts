import type { Check } from '#schema/check-up';

/** A date in a header has whole seconds, and the way takes its time. */
const leastS = 2;
/** Tokens are taken a minute early or late: half of it is still no problem. */
const mostS = 30;

const apart = (seconds: number): string => {
  const rounded = Math.round(Math.abs(seconds));
  return rounded < 120 ? `${rounded} s` : `${Math.round(rounded / 60)} min`;
};

/** How far the front's clock is from this machine's: `date` of its answer, between the sending and the answer's arrival. */
export const clockCheck = (date: string | null, sentMs: number, tookMs: number): Check => {
  const theirsMs = Date.parse(date ?? '');
  if (Number.isNaN(theirsMs)) return { check: 'clock', level: 'unseen', what: 'the front’s answer has no date' };
  // On average half a second was cut off.
  const skewS = (theirsMs + 500 - (sentMs + tookMs / 2)) / 1000;
  if (Math.abs(skewS) <= leastS + tookMs / 2000)
    return { check: 'clock', level: 'ok', what: 'the front’s clock and this machine’s agree' };
  const direction = skewS > 0 ? 'ahead of' : 'behind';
  return {
    check: 'clock',
    level: Math.abs(skewS) > mostS ? 'problem' : 'warning',
    what: `the front’s clock is ${apart(skewS)} ${direction} this machine’s`,
    todo: 'Set both by NTP (timedatectl, chronyc tracking); tokens are refused when clocks are a minute apart.',
  };
};
