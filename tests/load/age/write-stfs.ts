import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stfKey } from '#lib/model/ids';
import { systemClock } from '#lib/system-clock';
import type { EventLog } from '#ports/event-log';
import type { Item, Store } from '#ports/store';
import { defaultSealPolicy } from '../../../functions/adapters/event-log/sealer.ts';
import { openSqliteStore } from '../../../functions/adapters/store/sqlite.ts';
import { messageOf, type StfPlace, type StfTemplate, templateOf } from './template.ts';
import { writeRun } from './write-run.ts';

/** A run of synthetic STFs: number, how many, and when its first one came. */
export type AgedRun = { readonly run: number; readonly stfs: number; readonly startMs: number };

/** STFs written together: one commit of records, one of events. */
const together = 200;
const stfMs = 600;

/** Writes STFs of runs into a plane's store through the store itself, so that chain, indexes and sealing are real. */
const writePlane = async (
  { store }: { readonly store: Store; readonly log: EventLog },
  template: StfTemplate,
  { run, stfs, startMs }: AgedRun,
  templateMs: number,
): Promise<void> => {
  let inFlight: Promise<unknown>[] = [];
  for (let first = 0; first < stfs; first += together) {
    const places = Array.from({ length: Math.min(together, stfs - first) }, (_, at): StfPlace => {
      const sequence = first + at;
      return { run, sequence, shiftMs: startMs + sequence * stfMs - templateMs };
    });
    const [item, ...items]: Omit<Item, 'version'>[] = places.flatMap((place) => template.items(place));
    const events = places.flatMap((place) => template.events(place));
    // By the version of a record the store sees that the events are new, and does not look for them among the sealed ones.
    const writes = item === undefined ? [] : [{ ...item, op: 'put' as const, ifVersion: 0 }];
    inFlight.push(store.putMany(items), store.transact({ writes, events }));
    if (inFlight.length < 16) continue;
    await Promise.all(inFlight);
    inFlight = [];
  }
  await Promise.all(inFlight);
};

/** STF of the played run whose rows are copied. */
const model = { run: 1001, sequence: 5 };

type Writing = {
  readonly say: (line: string) => void;
  /** Events of a segment of the log; as papilio decides without it. */
  readonly segmentEvents?: number;
};

/** Writes runs into a stopped data folder that the demo was played into. Cost: some 60 µs of CPU an event. */
export const writeStfs = async (
  folder: string,
  runs: readonly AgedRun[],
  { say, segmentEvents }: Writing,
): Promise<void> => {
  if (runs.length === 0) return;
  const message = messageOf(folder, stfKey(model.run, model.sequence));
  const templateMs = Date.now();
  for (const plane of ['archive', 'work'] as const) {
    const template = templateOf(folder, plane, { ...model, message });
    const seal =
      segmentEvents === undefined
        ? defaultSealPolicy
        : { ...defaultSealPolicy, segmentEvents, unsealedEvents: segmentEvents + 10_000 };
    let sealedSeq = 0;
    const onSealed = ({ last }: { readonly last: number }): void => {
      sealedSeq = last;
    };
    const opened = await openSqliteStore({ path: join(folder, plane, 'store.db'), clock: systemClock, seal, onSealed });
    for (const run of runs) {
      await writePlane(opened, template, run, templateMs);
      if (plane === 'work') await writeRun(opened.store, run);
    }
    const head = await opened.log.head();
    // Papilio seals as fast as events come; here they came faster.
    while (head - sealedSeq > seal.unsealedEvents) await delay(100);
    say(`${plane}: ${head} events, ${sealedSeq} of them sealed`);
    await opened.store.close();
  }
};
