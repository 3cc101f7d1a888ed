import type { HopName, OutputLine, Ribbon } from '#schema/status';
import { createLatency, type Latency } from './latency.ts';
import { createStfMarks, type StfMarks } from './stf-marks.ts';

/** Counts that exist for one run and for everything. */
export type Scope = {
  received: number;
  repeated: number;
  readonly latency: Latency;
  readonly hops: Readonly<Record<HopName, Latency>>;
};

/** What is kept of one run. */
export type RunTally = Scope & {
  readonly marks: StfMarks;
  readonly outputs: Map<string, OutputLine>;
  /** Gaps between its archived TFs, and since when there are any. */
  gaps: { readonly count: number; readonly sinceMs: number } | undefined;
  ribbon: Ribbon | undefined;
};

/** An empty scope. */
export const createScope = (): Scope => ({
  received: 0,
  repeated: 0,
  latency: createLatency(),
  hops: {
    archived: createLatency(),
    catalogued: createLatency(),
    assigned: createLatency(),
    submitted: createLatency(),
    settled: createLatency(),
    processed: createLatency(),
  },
});

/** A run of which nothing is known yet. */
export const createRunTally = (): RunTally => ({
  ...createScope(),
  marks: createStfMarks(),
  outputs: new Map(),
  gaps: undefined,
  ribbon: undefined,
});
