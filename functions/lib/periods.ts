import { createHash } from 'node:crypto';
import type { Deps } from './deps.ts';
import { nodesAbove, nodesOf } from './model/interval-tree.ts';
import { periodNodes, periods } from './records.ts';
import type { RunPeriod } from './schema/run-period.ts';

type Reading = { readonly ids: Pick<Deps['ids'], 'of'>; readonly store: Deps['store'] };

/** Runs are below 2^27; seconds since 1970 are below 2^32 for this century. */
const bits = { runs: 27, time: 32 } as const;
/** An open period that began before this run lies in nodes up to it, and is found there by all runs above. */
const openRunEnd = 2 ** 21;
const seconds = (moment: string): number => Date.parse(moment) / 1000;

const nodeId = (name: string, { ids }: Pick<Reading, 'ids'>): string => ids.of('periodnode', name);

/** The node of one value of the configuration. */
const configurationNode = (key: string, value: string): string =>
  `configuration-${createHash('sha256')
    .update(JSON.stringify([key, value]))
    .digest('hex')
    .slice(0, 16)}`;

/** Ids of the nodes that lead to a period: of its runs or its time, and of its configuration. At most some eighty. */
export const nodeIdsOf = (period: RunPeriod, deps: Pick<Reading, 'ids'>): string[] => {
  const { runFirst, startsAt, endsAt } = period;
  const runEnd = period.runEnd ?? ((runFirst ?? 0) < openRunEnd ? openRunEnd : 2 ** bits.runs);
  const runs = runFirst === undefined ? [] : nodesOf(runFirst, runEnd, bits.runs).map((node) => `runs-${node}`);
  const endS = endsAt === undefined ? 2 ** bits.time : Math.ceil(seconds(endsAt));
  const time =
    startsAt === undefined ? [] : nodesOf(Math.floor(seconds(startsAt)), endS, bits.time).map((node) => `time-${node}`);
  const configuration = Object.entries(period.configuration).map(([key, value]) => configurationNode(key, value));
  return [...runs, ...time, ...configuration].map((name) => nodeId(name, deps));
};

/** Periods that hold a run by its number. A read of at most 56 nodes, and of the periods found. */
export const periodsOfRun = async (run: number, deps: Reading): Promise<RunPeriod[]> => {
  const open = run < openRunEnd ? [] : nodesAbove(openRunEnd - 1, bits.runs);
  const nodes = new Set([...nodesAbove(run, bits.runs), ...open]);
  const found = await periodsIn(
    [...nodes].map((node) => `runs-${node}`),
    deps,
  );
  return found.filter(
    ({ runFirst, runEnd }) => runFirst !== undefined && runFirst <= run && run < (runEnd ?? Infinity),
  );
};

/** Periods of time that hold a moment. A read of 33 nodes, and of the periods found. */
export const periodsAt = async (moment: string, deps: Reading): Promise<RunPeriod[]> => {
  const atS = seconds(moment);
  const found = await periodsIn(
    nodesAbove(Math.floor(atS), bits.time).map((node) => `time-${node}`),
    deps,
  );
  return found.filter(
    ({ startsAt, endsAt }) =>
      startsAt !== undefined && seconds(startsAt) <= atS && (endsAt === undefined || atS < seconds(endsAt)),
  );
};

/** Periods in whose configuration a name has a value. */
export const periodsWith = async (key: string, value: string, deps: Reading): Promise<RunPeriod[]> =>
  (await periodsIn([configurationNode(key, value)], deps)).filter(({ configuration }) => configuration[key] === value);

const periodsIn = async (nodes: readonly string[], { ids, store }: Reading): Promise<RunPeriod[]> => {
  const found = await periodNodes.getMany(
    store,
    nodes.map((name) => nodeId(name, { ids })),
  );
  const periodIds = [...new Set(found.flatMap((node) => node?.doc.periodIds ?? []))].sort();
  return (await periods.getMany(store, periodIds)).flatMap((period) => period?.doc ?? []);
};
