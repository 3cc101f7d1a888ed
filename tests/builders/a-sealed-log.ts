import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SealPolicy } from '../../functions/adapters/event-log/sealer.ts';
import { openSqliteStore } from '../../functions/adapters/store/sqlite.ts';
import { createCommitter } from '../../functions/adapters/store/sqlite-commit.ts';
import { openForWriting } from '../../functions/adapters/store/sqlite-file.ts';
import type { Sealed } from '../../functions/adapters/store/sqlite-messages.ts';
import { createSealing } from '../../functions/adapters/store/sqlite-sealing.ts';
import { nodeDisk } from '../../functions/lib/node-disk.ts';
import type { Disk } from '../../functions/lib/ports/disk.ts';
import type { EventLog } from '../../functions/lib/ports/event-log.ts';
import type { Event } from '../../functions/lib/schema/event.ts';
import { fakeClock } from './fake-clock.ts';

/** Small segments, so that a short log has many. */
export const smallSegments: SealPolicy = { unsealedEvents: 600, segmentEvents: 400, segmentBytes: 10_000_000 };

/** Seals a log in this thread, on a disk that may fail; returns what the run reported, if it reported anything. */
export const sealNow = async (
  path: string,
  policy = smallSegments,
  disk: Disk = nodeDisk,
): Promise<Sealed | undefined> => {
  const db = openForWriting(path);
  try {
    const committer = createCommitter(db, path);
    let reported: Sealed | undefined;
    const onSealed = (sealed: Sealed): void => {
      reported = sealed;
    };
    const sealing = createSealing({ db, path, policy, committer, checkpointBytes: 1_000_000, onSealed, disk });
    await sealing.runNow();
    committer.closeSegments();
    return reported;
  } finally {
    db.close();
  }
};

/** Opens a log as the front does, and closes it after use. */
export const readingLog = async <T>(path: string, use: (log: EventLog) => Promise<T>): Promise<T> => {
  const { store, log } = await openSqliteStore({ path, clock: fakeClock(), readOnly: true });
  try {
    return await use(log);
  } finally {
    await store.close();
  }
};

/** All events of a log in pages of a size. */
export const allEvents = async (log: EventLog, limit = 1000): Promise<Event[]> => {
  const events: Event[] = [];
  for (let page = await log.read(0, limit); page.length > 0; page = await log.read(events.at(-1)?.seq ?? 0, limit))
    events.push(...page);
  return events;
};

/** Events that are in rows. */
export const countRows = (path: string): number => {
  const db = new DatabaseSync(path, { readOnly: true });
  const { n } = db.prepare('SELECT count(*) AS n FROM events').get() ?? {};
  db.close();
  return Number(n);
};

/** Names of the files beside a store's file that end in a suffix. */
export const sealedFiles = (path: string, suffix: string): string[] =>
  readdirSync(join(dirname(path), 'segments'))
    .filter((name) => name.endsWith(suffix))
    .sort()
    .map((name) => join(dirname(path), 'segments', name));
