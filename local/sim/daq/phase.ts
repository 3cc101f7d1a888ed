import type { DetectorState, DetectorSubstate } from '#schema/detector-state';

/** A stretch of detector time in one state, and the STFs that come in it. */
export type Phase = {
  readonly state: DetectorState;
  readonly substate: DetectorSubstate;
  readonly durationS: number;
  /** The first so long after the phase began, the others evenly behind it. */
  readonly stfs: { readonly count: number; readonly firstS: number; readonly everyS: number };
};

/** A schedule as it is written: states and how long. */
export type Span = Omit<Phase, 'stfs'>;

export const noStfs: Phase['stfs'] = { count: 0, firstS: 0, everyS: 0 };

/** Spreads STFs evenly over a phase: as many as fit, at least one, so that no state stays empty however rare STFs are. */
export const spread = (span: Span, intervalS: number): Phase => {
  const count = Math.max(1, Math.round(span.durationS / intervalS));
  const everyS = span.durationS / count;
  return { ...span, stfs: { count, firstS: everyS / 2, everyS } };
};
