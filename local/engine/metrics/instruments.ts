import type { Labels, Sample } from './exposition.ts';

/** A name beyond these is counted as `other`, so that no caller can fill the memory with names. */
const mostSeries = 1000;
const separator = '\u0000';

/** Counts by labels. */
export type Counter = {
  readonly add: (...values: readonly string[]) => void;
  readonly samples: () => Sample[];
};

/** Makes a counter whose labels have these names. */
export function createCounter(...names: readonly string[]): Counter {
  const counts = new Map<string, number>();
  const other = names.map(() => 'other').join(separator);
  return {
    add: (...values) => {
      const key = values.length === 1 ? (values[0] ?? '') : values.join(separator);
      const count = counts.get(key);
      if (count !== undefined || counts.size < mostSeries) counts.set(key, (count ?? 0) + 1);
      else counts.set(other, (counts.get(other) ?? 0) + 1);
    },
    samples: () => [...counts].map(([key, value]) => ({ value, labels: labelled(names, key.split(separator)) })),
  };
}

const labelled = (names: readonly string[], values: readonly string[]): Labels =>
  Object.fromEntries(names.map((name, at) => [name, values[at] ?? '']));

/** Seconds from a tenth of a millisecond to a minute. */
const bounds = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];

/** How often something took how long. */
export type Histogram = { readonly observe: (tookMs: number) => void; readonly samples: (labels?: Labels) => Sample[] };

/** Makes an empty histogram. */
export function createHistogram(): Histogram {
  const counts = new Float64Array(bounds.length + 1);
  let sumS = 0;
  return {
    observe: (tookMs) => {
      const tookS = tookMs / 1000;
      let at = 0;
      while (tookS > (bounds[at] ?? Number.POSITIVE_INFINITY)) at += 1;
      counts[at] = (counts[at] ?? 0) + 1;
      sumS += tookS;
    },
    samples: (labels = {}) => {
      let total = 0;
      const buckets = [...bounds, Number.POSITIVE_INFINITY].map((bound, at) => {
        total += counts[at] ?? 0;
        const le = bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound);
        return { suffix: '_bucket', labels: { ...labels, le }, value: total };
      });
      return [...buckets, { suffix: '_sum', labels, value: sumS }, { suffix: '_count', labels, value: total }];
    },
  };
}
