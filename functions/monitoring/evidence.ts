import { quarantineMs } from './policy.ts';
import type { Seen } from './ring.ts';
import type { TallyState } from './tally-state.ts';

/** What the events tell of things that went wrong, and when. */
export type Evidence = {
  /** Receipt of the latest announcement of an STF. */
  readonly lastStfMs: number | undefined;
  /** Held in quarantine and come there within the last hour. */
  readonly held: Seen & { readonly lastCode: string | undefined };
  /** STFs that failed within the last hour; `now` are failed still. */
  readonly failures: Seen & { readonly now: number; readonly lastCode: string | undefined };
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

const heldOf = (state: TallyState, nowMs: number): Evidence['held'] => {
  const recent = [...state.held.values()].filter(({ atMs }) => atMs > nowMs - quarantineMs);
  const sorted = recent.toSorted((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1));
  const count = new Set(recent.map(({ id }) => id)).size;
  return { count, firstMs: sorted[0]?.atMs, lastCode: sorted.at(-1)?.code };
};

/** Reads the evidence as of a moment. */
export const evidenceOf = (state: TallyState, nowMs: number): Evidence => ({
  lastStfMs: state.lastStfMs,
  held: heldOf(state, nowMs),
  failures: {
    ...state.failures.until(nowMs),
    now: state.stfs.failed,
    lastCode: state.lastFailure,
  },
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
