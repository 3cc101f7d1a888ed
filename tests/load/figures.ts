/** The value at a share of the sorted values (nearest rank); 0 of none. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
};

/** The middle value. */
export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** A figure as people read it: three digits, no more. */
export const rounded = (value: number): number =>
  Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
