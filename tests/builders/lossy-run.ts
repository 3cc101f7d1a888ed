import type { Journal, Position } from '../../local/engine/part.ts';
import { createFoldingParts, folding, itemsOf } from '../../local/engine/parts.ts';
import { recover } from '../../local/engine/recovery.ts';
import { aWorld } from './a-world.ts';
import { account } from './an-engine.ts';
import { portraitOf } from './engine-portrait.ts';
import { interceptedDisk } from './failing-disk.ts';
import { fakeClock } from './fake-clock.ts';
import { openOn, workUntilDone } from './fault-journey.ts';
import { tenMachines } from './ten-machines.ts';
import { type TornDisk, tornDisk } from './torn-disk.ts';

type Appended = { readonly at: Position; readonly text: string };
/** What a start finds after a power cut. */
type Found = { readonly snapshot: number; readonly items: readonly string[]; readonly records: readonly string[] };

/** What power cuts at every disk access of a run came to. */
export type LossyRun = {
  readonly cuts: number;
  /** Different states that were found, each of which was brought to its end. */
  readonly states: number;
  /** Torn tails that were cut. */
  readonly torn: number;
  readonly recoveryMs: readonly number[];
  readonly problems: readonly string[];
};

const identity = { account, region: 'us-east-1', queueBaseUrl: 'http://127.0.0.1' };
const shapes = tenMachines('inside', 400);
const mostProblems = 5;

/** A journal whose records are remembered, and how many of them were acknowledged. */
const noting = () => {
  const appended: Appended[] = [];
  let acknowledged = 0;
  const witness = (journal: Journal): Journal => ({
    ...journal,
    append: (part, record) => {
      const result = journal.append(part, record);
      const count = appended.push({ at: result.at, text: `["${part}",${JSON.stringify(record)}]` });
      result.synced.then(
        () => {
          acknowledged = Math.max(acknowledged, count);
        },
        () => undefined,
      );
      return result;
    },
  });
  return { appended, acknowledged: () => acknowledged, witness };
};

/** The state that records up to a segment come to, as a snapshot has it. */
const snapshotOf = (appended: readonly Appended[], segment: number): string[] => {
  const parts = createFoldingParts(identity);
  const { onRecord } = folding(parts);
  for (const { at, text } of appended)
    if (at.segment < segment) onRecord(Buffer.from(text), at.segment, at.offsetBytes);
  const items = Array.from(itemsOf(parts), (item) => JSON.stringify(item));
  parts.sfn.close();
  return items;
};

const look = async (disk: TornDisk): Promise<Found & { readonly isCut: boolean }> => {
  const items: string[] = [];
  const records: string[] = [];
  const { snapshot, cut } = await recover(disk, '/data', {
    onItem: (body) => items.push(body.toString()),
    onRecord: (body) => records.push(body.toString()),
  });
  return { snapshot, items, records, isCut: cut !== undefined };
};

/** Says what a start finds that it must not, or misses. */
const judge = (found: Found, appended: readonly Appended[], acknowledged: number, snapshots: Map<number, string>) => {
  const { snapshot, items, records } = found;
  const before = appended.filter(({ at }) => at.segment < snapshot).length;
  if (before + records.length < acknowledged) return `${acknowledged} records were acknowledged, not all are there`;
  if (records.some((text, index) => text !== appended[before + index]?.text))
    return 'the records are not what was written';
  const expected = snapshots.get(snapshot) ?? snapshotOf(appended, snapshot).join();
  snapshots.set(snapshot, expected);
  return snapshot > 0 && items.join() !== expected ? `snapshot ${snapshot} is not what its records come to` : undefined;
};

/** Brings what was found to its end, with clients who know nothing yet. */
const finished = async (disk: TornDisk, nowMs: number) => {
  const clock = fakeClock(nowMs);
  const world = aWorld(shapes, { hasTraffic: false });
  const engine = await openOn(disk, clock, world);
  await workUntilDone(engine, clock, world, () => false);
  const portrait = JSON.stringify(sorted(await portraitOf(engine.call)));
  await engine.close();
  return { portrait, complaints: world.complaints() };
};

const sorted = (portrait: Readonly<Record<string, unknown>>) =>
  Object.entries(portrait).toSorted(([a], [b]) => (a < b ? -1 : 1));

/** How often the power goes at each disk access, and how many of the states found are brought to their end: every n-th. */
export type Cutting = { readonly cutsPerAccess: number } & (
  | { readonly everyState: number }
  /** No segment is kept behind a snapshot, so that all depends on this; histories go with them, and ends cannot be compared. */
  | { readonly keepsHistory: false }
);

/** Runs all machines once, cutting the power at each disk access. */
export const lossyRun = async ({ cutsPerAccess, ...more }: Cutting): Promise<LossyRun> => {
  const clock = fakeClock();
  const torn = tornDisk();
  await torn.makeFolder('/data');
  const world = aWorld(shapes);
  const journal = noting();
  const states = new Map<string, { readonly disk: TornDisk; readonly nowMs: number }>();
  const snapshots = new Map<number, string>();
  const problems: string[] = [];
  const recoveryMs: number[] = [];
  const counts = { cuts: 0, torn: 0 };
  const cutPower = async () => {
    for (let cut = 0; cut < cutsPerAccess && problems.length < mostProblems; cut++) {
      counts.cuts += 1;
      const seed = counts.cuts;
      const startedMs = performance.now();
      const found = await look(torn.fork(seed));
      recoveryMs.push(performance.now() - startedMs);
      if (found.isCut) counts.torn += 1;
      const problem = judge(found, journal.appended, journal.acknowledged(), snapshots);
      if (problem) problems.push(`cut ${seed}: ${problem}`);
      const key = `${found.snapshot}/${found.records.length}`;
      if (!states.has(key)) states.set(key, { disk: torn.fork(seed), nowMs: clock.nowMs() });
    }
  };
  const disk = interceptedDisk(torn, async (_, run) => {
    await cutPower();
    return run();
  });
  const retention = { maxBytes: 'everyState' in more ? 10 ** 9 : 0 };
  const engine = await openOn(disk, clock, world, { witness: journal.witness, retention });
  await workUntilDone(engine, clock, world, () => false);
  const result = { ...counts, recoveryMs, problems };
  if (!('everyState' in more)) {
    await engine.close();
    return { ...result, states: 0 };
  }
  const whole = JSON.stringify(sorted(await portraitOf(engine.call)));
  await engine.close();
  const chosen = [...states.values()].filter((_, index) => index % more.everyState === 0);
  for (const { disk: left, nowMs } of chosen) {
    const { portrait, complaints } = await finished(left, nowMs);
    problems.push(...complaints, ...(portrait === whole ? [] : [`what was left at ${nowMs} ended otherwise`]));
  }
  return { ...result, states: chosen.length };
};
