import * as z from 'zod';
import { recentMs } from './policy.ts';

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
  readonly isStfHeld: (stfId: string) => boolean;
  /** Whether the plane with this source holds a message of the STF. */
  readonly isStfHeldBy: (stfId: string, source: string) => boolean;
  readonly stfs: () => Iterable<string>;
  /** Messages that are held, of one run or of all; one that both planes hold is one. */
  readonly count: (run: number | undefined) => number;
  readonly facts: (nowMs: number) => HeldFacts;
};

/** How many messages are held, how many of them since less than an hour, since when the first, and why the last. */
export type HeldFacts = {
  readonly count: number;
  readonly recent: number;
  readonly firstMs: number | undefined;
  readonly lastCode: string | undefined;
};

type Hold = { readonly key: string; readonly held: Held };
const pruneAt = 1_000;

/** The holds of the last hour, in the order in which they came. */
const createRecent = () => {
  let recent: Hold[] = [];
  let limit = pruneAt;
  return {
    add: (key: string, held: Held): void => {
      recent.push({ key, held });
      if (recent.length < limit) return;
      recent = recent.filter((one) => one.held.atMs > held.atMs - recentMs);
      limit = Math.max(pruneAt, 2 * recent.length);
    },
    since: (fromMs: number, isHeld: (hold: Hold) => boolean): Held[] =>
      recent.filter((one) => one.held.atMs > fromMs && isHeld(one)).map(({ held }) => held),
  };
};

const inOrder = (a: Held, b: Held): number => a.atMs - b.atMs || (a.id < b.id ? -1 : 1);
/** Keys name the plane and the record. */
const sourceIn = (key: string): string => key.slice(0, key.indexOf(' '));

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
  /** Each plane's in the order of its log, so that its first is its oldest. */
  const bySource = new Map<string, Map<string, Held>>();
  const recent = createRecent();
  const ofPlanes = createCounts<string>();
  const byStf = createCounts<string>();
  const byId = createCounts<string>();
  const byRun = new Map<number, ReturnType<typeof createCounts<string>>>();

  const recordsOf = (key: string): Map<string, Held> => {
    const found = bySource.get(sourceIn(key)) ?? new Map<string, Held>();
    bySource.set(sourceIn(key), found);
    return found;
  };
  const change = (key: string, { id, run, stfId }: Held, by: 1 | -1): void => {
    byId.add(id, by);
    if (stfId !== undefined) {
      byStf.add(stfId, by);
      ofPlanes.add(`${sourceIn(key)} ${stfId}`, by);
    }
    if (run === undefined) return;
    const ids = byRun.get(run) ?? createCounts<string>();
    ids.add(id, by);
    if (ids.size() === 0) byRun.delete(run);
    else byRun.set(run, ids);
  };
  const remove = (key: string): void => {
    const known = recordsOf(key).get(key);
    if (known !== undefined) change(key, known, -1);
    recordsOf(key).delete(key);
  };
  const facts = (nowMs: number): HeldFacts => {
    const isHeld = ({ key, held }: Hold): boolean => recordsOf(key).get(key) === held;
    const lately = recent.since(nowMs - recentMs, isHeld).toSorted(inOrder);
    const firsts = [...bySource.values()].flatMap((held) => held.values().next().value ?? []).toSorted(inOrder);
    return {
      count: byId.size(),
      recent: new Set(lately.map(({ id }) => id)).size,
      firstMs: firsts[0]?.atMs,
      lastCode: (lately.at(-1) ?? firsts[0])?.code,
    };
  };

  return {
    get: (key) => recordsOf(key).get(key),
    set: (key, held) => {
      remove(key);
      recordsOf(key).set(key, held);
      change(key, held, 1);
      recent.add(key, held);
    },
    delete: remove,
    entries: function* () {
      for (const records of bySource.values()) yield* records;
    },
    isStfHeld: byStf.has,
    isStfHeldBy: (stfId, source) => ofPlanes.has(`${source} ${stfId}`),
    stfs: byStf.keys,
    count: (run) => (run === undefined ? byId.size() : (byRun.get(run)?.size() ?? 0)),
    facts,
  };
};
