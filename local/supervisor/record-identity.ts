import { join } from 'node:path';
import { embedded } from '#lib/deps';
import { asPapilioError, PapilioError } from '#lib/errors';
import { systemClock } from '#lib/system-clock';
import type { Event } from '#schema/event';
import { type Plane, planes } from '../../functions/catalog.ts';

/** Whose records a store has, as its events name it. */
export type RecordIdentity = {
  readonly instance: string;
  readonly wing: string;
  readonly epoch: number;
  /** Time of the first event. */
  readonly createdAt: string;
  readonly path: string;
};

const identityIn = (first: Event, last: Event, path: string): RecordIdentity | undefined => {
  const [, instance, wing] = last.source.split('/');
  if (!instance || !wing) return undefined;
  return { instance, wing, epoch: last.epoch, createdAt: first.time, path };
};

/** The identity of a plane's records; undefined where there are none yet. @throws what the store throws if it cannot be read */
const readIdentity = async (folder: string, plane: Plane): Promise<RecordIdentity | undefined> => {
  const path = join(folder, plane, 'store.db');
  const openStore = await embedded.sqliteStore();
  const { store, log } = await openStore({ path, clock: systemClock, readOnly: true });
  try {
    const [first] = await log.read(0, 1);
    const [last] = await log.read((await log.head()) - 1, 1);
    return first && last && identityIn(first, last, path);
  } finally {
    await store.close();
  }
};

/** What can be read of whose records a folder has, and why it cannot where it cannot. */
export const readIdentities = async (
  folder: string,
): Promise<{ readonly found: readonly RecordIdentity[]; readonly problems: readonly string[] }> => {
  const found: RecordIdentity[] = [];
  const problems: string[] = [];
  for (const plane of planes) {
    try {
      const identity = await readIdentity(folder, plane);
      if (identity !== undefined) found.push(identity);
    } catch (error) {
      problems.push(asPapilioError(error).reason);
    }
  }
  return { found, problems };
};

type Named = Pick<RecordIdentity, 'instance' | 'wing' | 'epoch'>;

const shown = ({ instance, wing, epoch }: Named): string => `${instance} at ${wing}, epoch ${epoch}`;

/**
 * Refuses a config.json that names another instance, wing or epoch than the records beside it. Records that cannot be read
 * are left to their plane, which names what is wrong with them. @throws folder-identity
 */
export const refuseOtherRecords = async (folder: string, config: Named): Promise<void> => {
  const { found } = await readIdentities(folder);
  const other = found.find((one) => shown(one) !== shown(config));
  if (other === undefined) return;
  throw new PapilioError(
    'folder-identity',
    `${join(folder, 'config.json')} names ${shown(config)}; the records in ${other.path} are of ${shown(other)}`,
  );
};

/** The error of a folder with records whose config.json is gone or cannot be read, with what it has to say. */
export const lostConfig = async (folder: string, why: string): Promise<PapilioError> => {
  const { found, problems } = await readIdentities(folder);
  const [identity] = found;
  if (identity === undefined) {
    const unread = problems.length === 0 ? 'there are no events yet' : problems.join('; ');
    return new PapilioError('folder-config-lost', `${why}, and its records do not name its instance: ${unread}`);
  }
  const { instance, wing, epoch, createdAt, path } = identity;
  const text = JSON.stringify({ format: 1, instance, wing, epoch, createdAt });
  return new PapilioError('folder-config-lost', `${why}; by the events in ${path} it has to be exactly ${text}`);
};
