import { turn } from '#lib/turn';
import type { Clock } from '#ports/clock';
import type { Event } from '#schema/event';
import type { Plane } from '../../catalog.ts';
import { createTally, type Tally } from '../../monitoring/tally.ts';
import type { Position } from '../position.ts';
import { checkLink, headOf, type Keeping, type Link, type Links, type Owner, readHead, Unusable } from './keeping.ts';

/** So many events are folded in one turn of the loop: some 5 ms of work on one core. */
export const sliceEvents = 250;
/** What was counted is kept when so many events were counted since, or so much time has passed with any. */
const keptEveryEvents = 200_000;
const keptEveryMs = 30_000;
/** Text that is collected in one turn of the loop. */
const turnBytes = 65_536;

/** Reads events of a log after a place. */
export type ReadEvents = (after: number, limit: number) => Promise<readonly Event[]>;

/** Counts the events of both logs, and keeps what was counted. */
export type Counter = {
  readonly tally: Tally;
  readonly position: () => Position;
  /** Time of the last event of a log that was counted. */
  readonly timeOf: (plane: Plane) => string;
  /**
   * Counts at most `sliceEvents` events of a log in this turn; `read` gives what a log has at the place that was kept. Returns
   * those that are new.
   * @throws Unusable
   */
  readonly take: (plane: Plane, events: readonly Event[], read: ReadEvents) => Promise<readonly Event[]>;
  /** Keeps what was counted, if it is time to. */
  readonly keepIfDue: () => void;
  /** Keeps what was counted; resolves when that is durable. */
  readonly keep: () => Promise<void>;
  /** Resolves when nothing is being kept any more. */
  readonly idle: () => Promise<void>;
};

type CounterOptions = {
  readonly clock: Clock;
  readonly keeping: Keeping;
  readonly owner: Owner;
  readonly onFailure: (error: unknown) => void;
};

const nowhere: Link = { seq: 0, hash: '' };

/** Makes a tally of what was kept, a line at a time. @throws Unusable */
const restored = async (
  lines: readonly string[],
  { keeping, owner }: CounterOptions,
): Promise<{ tally: Tally; links: Links }> => {
  const tally = createTally(keeping.resting);
  const [head = '', ...rest] = lines;
  const links = readHead(head, owner);
  try {
    for (const line of rest) {
      tally.restore(line);
      await turn();
    }
  } catch (error) {
    throw new Unusable(error instanceof Error ? error.message : String(error), { cause: error });
  }
  return { tally, links };
};

/** Collects text in turns of the loop. */
const collected = async (lines: Iterable<string>): Promise<string[]> => {
  const all: string[] = [];
  let bytes = 0;
  for (const line of lines) {
    all.push(line);
    bytes += line.length;
    if (bytes < turnBytes) continue;
    bytes = 0;
    await turn();
  }
  return all;
};

/** Saves one at a time, and folds nothing while it is collected: what is kept is as of one moment. */
const createSaving = (
  { clock, keeping, onFailure }: CounterOptions,
  saved: () => { head: string; lines: Iterable<string> },
) => {
  let countedSince = 0;
  let keptAtMs = clock.nowMs();
  let collecting: Promise<void> | undefined;
  let saving: Promise<void> | undefined;

  const save = async (): Promise<void> => {
    const { head, lines } = saved();
    let written: Promise<void> = Promise.resolve();
    collecting = collected(lines).then((all) => {
      // Begun before anything is folded again, so that the runs at rest are as of the same moment.
      written = keeping.save([head, ...all]);
    });
    try {
      await collecting;
    } finally {
      collecting = undefined;
    }
    await written;
  };
  const saveOnce = (): Promise<void> => {
    if (saving !== undefined) return saving;
    const counted = countedSince;
    [countedSince, keptAtMs] = [0, clock.nowMs()];
    saving = save()
      .catch((error: unknown) => {
        countedSince += counted;
        onFailure(error);
      })
      .finally(() => {
        saving = undefined;
      });
    return saving;
  };

  return {
    counted: (events: number): void => {
      countedSince += events;
    },
    collected: async (): Promise<void> => {
      while (collecting !== undefined) await collecting.catch(() => undefined);
    },
    keepIfDue: (): void => {
      const isDue = countedSince >= keptEveryEvents || clock.nowMs() - keptAtMs >= keptEveryMs;
      if (countedSince > 0 && isDue) void saveOnce();
    },
    idle: async (): Promise<void> => saving,
    keep: async (): Promise<void> => {
      await saving;
      if (countedSince > 0) await saveOnce();
    },
  };
};

/** Goes on from lines that were kept; without lines from the first event. @throws Unusable */
export const createCounter = async (
  lines: readonly string[] | undefined,
  options: CounterOptions,
): Promise<Counter> => {
  const { keeping, owner } = options;
  const start = lines === undefined ? undefined : await restored(lines, options);
  const tally = start?.tally ?? createTally(keeping.resting);
  const links: Record<Plane, Link> = { archive: nowhere, work: nowhere, ...start?.links };
  const isChecked: Record<Plane, boolean> = { archive: links.archive.seq === 0, work: links.work.seq === 0 };
  const times: Record<Plane, string> = { archive: '', work: '' };
  const saving = createSaving(options, () => ({ head: headOf(owner, links), lines: tally.save() }));

  const check = async (plane: Plane, read: ReadEvents): Promise<void> => {
    const [found] = await read(links[plane].seq - 1, 1);
    checkLink(plane, links[plane], found);
    isChecked[plane] = true;
  };
  const fold = (plane: Plane, events: readonly Event[]): readonly Event[] => {
    const fresh = events.filter((event) => event.seq > links[plane].seq);
    for (const event of fresh) tally.apply(event);
    const last = fresh.at(-1);
    if (last === undefined) return fresh;
    links[plane] = { seq: last.seq, hash: last.hash };
    times[plane] = last.time;
    saving.counted(fresh.length);
    return fresh;
  };

  return {
    tally,
    position: () => ({ archive: links.archive.seq, work: links.work.seq }),
    timeOf: (plane) => times[plane],
    take: async (plane, events, read) => {
      const fault = keeping.fault();
      if (fault !== undefined) throw new Unusable(fault);
      if (!isChecked[plane]) await check(plane, read);
      await saving.collected();
      return fold(plane, events.slice(0, sliceEvents));
    },
    keepIfDue: saving.keepIfDue,
    keep: saving.keep,
    idle: saving.idle,
  };
};
