/** One line of a benchmark's table: the same fields in each line of one table. */
export type Row = Readonly<Record<string, string | number>>;

/** A figure beside the bar that it has to reach. */
export type Bar = {
  readonly what: string;
  readonly measured: number;
  readonly unit: string;
  /** The figure has to be at least, or at most, this. */
  readonly atLeast?: number;
  readonly atMost?: number;
  /** A bar that is hoped for and not promised. */
  readonly isStretch?: boolean;
};

/** What a benchmark found. */
export type Result = {
  readonly tables: Readonly<Record<string, readonly Row[]>>;
  readonly bars: readonly Bar[];
  /** What a reader has to know to read the figures rightly. */
  readonly notes: readonly string[];
};

/** What every benchmark is given. */
export type BenchmarkOptions = {
  /** Multiplies how long is measured; 1 is what the documented figures were taken with. */
  readonly scale: number;
  /** Tells whoever waits what goes on. */
  readonly say: (line: string) => void;
};

/** One benchmark: a module of this folder. */
export type Benchmark = {
  readonly name: string;
  readonly about: string;
  readonly run: (options: BenchmarkOptions) => Promise<Result>;
};

/** Whether a figure reaches its bar. */
export const isMet = ({ measured, atLeast, atMost }: Bar): boolean =>
  (atLeast === undefined || measured >= atLeast) && (atMost === undefined || measured <= atMost);
