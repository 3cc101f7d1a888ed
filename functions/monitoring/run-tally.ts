import * as z from 'zod';
import { Figures, type HopName, Ribbon } from '#schema/status';
import { createLatency, type Latency, SavedLatency } from './latency.ts';
import { type Counts, createStfMarks, SavedMarks, type StfMarks, shownCounts } from './stf-marks.ts';

/** Counts that exist for one run and for everything. */
export type Scope = {
  received: number;
  repeated: number;
  outputs: number;
  readonly latency: Latency;
  readonly hops: Readonly<Record<HopName, Latency>>;
};

/** What is kept of one run. */
export type RunTally = Scope & {
  readonly marks: StfMarks;
  ribbon: Ribbon | undefined;
};

const count = z.int().min(0);
const hopNames = ['archived', 'catalogued', 'assigned', 'submitted', 'settled', 'processed'] as const;

/** A scope as it was saved. */
export const SavedScope = z.object({
  received: count,
  repeated: count,
  outputs: count,
  latency: SavedLatency,
  hops: z.record(z.enum(hopNames), SavedLatency),
});
export type SavedScope = z.infer<typeof SavedScope>;

/** A run as it was saved. */
export const SavedRun = SavedScope.extend({ marks: SavedMarks, ribbon: Ribbon.optional() });
export type SavedRun = z.infer<typeof SavedRun>;

/** What a run shows without being read whole. */
export const RunFigures = Figures.pick({ stfs: true, latencyMs: true, hops: true }).extend({
  received: count,
  repeated: count,
  outputs: count,
  ribbon: Ribbon.optional(),
});
export type RunFigures = z.infer<typeof RunFigures>;

/** A scope as it was saved; an empty one by default. */
export const createScope = (saved?: SavedScope): Scope => ({
  received: saved?.received ?? 0,
  repeated: saved?.repeated ?? 0,
  outputs: saved?.outputs ?? 0,
  latency: createLatency(saved?.latency),
  hops: {
    archived: createLatency(saved?.hops.archived),
    catalogued: createLatency(saved?.hops.catalogued),
    assigned: createLatency(saved?.hops.assigned),
    submitted: createLatency(saved?.hops.submitted),
    settled: createLatency(saved?.hops.settled),
    processed: createLatency(saved?.hops.processed),
  },
});

/** A run as it was saved; one of which nothing is known by default. Changes of its counts are added to `total`. */
export const createRunTally = (total: Counts, saved?: SavedRun): RunTally => ({
  ...createScope(saved),
  marks: createStfMarks(total, saved?.marks),
  ribbon: saved?.ribbon,
});

/** What a scope is made of again. */
export const savedScope = ({ received, repeated, outputs, latency, hops }: Scope): SavedScope => ({
  received,
  repeated,
  outputs,
  latency: latency.save(),
  hops: {
    archived: hops.archived.save(),
    catalogued: hops.catalogued.save(),
    assigned: hops.assigned.save(),
    submitted: hops.submitted.save(),
    settled: hops.settled.save(),
    processed: hops.processed.save(),
  },
});

/** What a run is made of again. */
export const savedRun = (run: RunTally): SavedRun => ({
  ...savedScope(run),
  marks: run.marks.save(),
  ...(run.ribbon && { ribbon: run.ribbon }),
});

/** Latencies of a scope, as figures show them. */
export const latenciesOf = ({ latency, hops }: Scope): Pick<Figures, 'latencyMs' | 'hops'> => ({
  latencyMs: latency.percentiles(),
  hops: hopNames.map((name) => {
    const { p50, p99 } = hops[name].percentiles();
    return { name, count: hops[name].count(), p50Ms: p50, p99Ms: p99 };
  }),
});

/** What a run shows. */
export const runFigures = (run: RunTally): RunFigures => ({
  stfs: shownCounts(run.marks.counts()),
  received: run.received,
  repeated: run.repeated,
  outputs: run.outputs,
  ...latenciesOf(run),
  ...(run.ribbon && { ribbon: run.ribbon }),
});
