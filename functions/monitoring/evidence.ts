import type { HeldFacts } from './held.ts';
import type { Seen } from './ring.ts';
import { failingIn, type TallyState } from './tally-state.ts';

/** What the events tell of things that went wrong, and when. */
export type Evidence = {
  /** Receipt of the latest announcement of an STF. */
  readonly lastStfMs: number | undefined;
  /** Held in quarantine now; `recent` of them since the last hour. */
  readonly held: HeldFacts;
  /** STFs that are announced and held by the archive plane instead of stored, since when there are any, and why the first. */
  readonly notStored: Seen & { readonly firstCode: string | undefined };
  /** STFs that failed and are failed still, since when there are any; `recent` of them since the last hour. */
  readonly failures: Seen & { readonly recent: number; readonly lastCode: string | undefined };
  /** STFs that were archived without all of their TFs within the last hour. */
  readonly incomplete: Seen & { readonly lastName: string | undefined };
  /** Runs with gaps between their archived TFs. */
  readonly gaps: readonly { readonly run: number; readonly count: number; readonly sinceMs: number }[];
  /** Attempts that ended within the last ten minutes, and the drain of a facility that is drained. */
  readonly facilities: readonly {
    readonly name: string;
    readonly settled: number;
    readonly failed: Seen;
    readonly drain?: { readonly sinceMs: number; readonly who: string; readonly why: string };
  }[];
};

const notStoredOf = ({ stfs, begun: { notStored } }: TallyState): Evidence['notStored'] => ({
  count: stfs.notStored,
  firstMs: notStored?.sinceMs,
  firstCode: notStored?.code,
});

const failuresOf = (state: TallyState, nowMs: number): Evidence['failures'] => {
  const count = failingIn(state);
  return {
    count,
    firstMs: state.begun.failing?.sinceMs,
    recent: Math.min(count, state.failures.until(nowMs).count),
    lastCode: count === 0 ? undefined : state.lastFailure,
  };
};

/** Reads the evidence as of a moment. */
export const evidenceOf = (state: TallyState, nowMs: number): Evidence => ({
  lastStfMs: state.lastStfMs,
  held: state.held.facts(nowMs),
  notStored: notStoredOf(state),
  failures: failuresOf(state, nowMs),
  incomplete: { ...state.incomplete.until(nowMs), lastName: state.lastIncomplete },
  gaps: [...state.gaps].map(([run, gaps]) => ({ run, ...gaps })).sort((a, b) => a.run - b.run),
  facilities: [...state.facilities]
    .map(([name, { settled, failed, drain }]) => ({
      name,
      settled: settled.until(nowMs).count,
      failed: failed.until(nowMs),
      ...(drain && { drain }),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1)),
});
