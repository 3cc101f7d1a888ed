import * as z from 'zod';

/** A quarantine record that is held, since when and why, with the run and STF that it concerns, if any. */
export const Held = z.object({
  id: z.string(),
  run: z.int().min(0).optional(),
  stfId: z.string().optional(),
  atMs: z.number(),
  code: z.string(),
});
export type Held = z.infer<typeof Held>;

/** All that is held, with what it is asked for at every event kept as counts: no answer looks at all of it. */
export type HeldRecords = {
  readonly get: (key: string) => Held | undefined;
  readonly set: (key: string, held: Held) => void;
  readonly delete: (key: string) => void;
  readonly entries: () => Iterable<[string, Held]>;
  readonly values: () => Iterable<Held>;
  readonly isStfHeld: (stfId: string) => boolean;
  readonly stfs: () => Iterable<string>;
  /** Messages that are held, of one run or of all; one that both planes hold is one. */
  readonly count: (run: number | undefined) => number;
};

/** Counts by name, without a name that counts nothing. */
const createCounts = <K>() => {
  const counts = new Map<K, number>();
  const add = (key: K, change: 1 | -1): void => {
    const count = (counts.get(key) ?? 0) + change;
    if (count === 0) counts.delete(key);
    else counts.set(key, count);
  };
  return { add, has: (key: K) => counts.has(key), size: () => counts.size, keys: () => counts.keys() };
};

/** Nothing is held. */
export const createHeld = (): HeldRecords => {
  const records = new Map<string, Held>();
  const byStf = createCounts<string>();
  const byId = createCounts<string>();
  const byRun = new Map<number, ReturnType<typeof createCounts<string>>>();

  const change = ({ id, run, stfId }: Held, by: 1 | -1): void => {
    byId.add(id, by);
    if (stfId !== undefined) byStf.add(stfId, by);
    if (run === undefined) return;
    const ids = byRun.get(run) ?? createCounts<string>();
    ids.add(id, by);
    if (ids.size() === 0) byRun.delete(run);
    else byRun.set(run, ids);
  };
  const remove = (key: string): void => {
    const known = records.get(key);
    if (known !== undefined) change(known, -1);
    records.delete(key);
  };

  return {
    get: (key) => records.get(key),
    set: (key, held) => {
      remove(key);
      records.set(key, held);
      change(held, 1);
    },
    delete: remove,
    entries: () => records.entries(),
    values: () => records.values(),
    isStfHeld: byStf.has,
    stfs: byStf.keys,
    count: (run) => (run === undefined ? byId.size() : (byRun.get(run)?.size() ?? 0)),
  };
};
