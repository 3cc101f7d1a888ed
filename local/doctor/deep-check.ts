import { join } from 'node:path';
import { damagedRecord } from '#lib/damages';
import { embedded } from '#lib/deps';
import { nounIdFrom, stfIdFrom } from '#lib/model/ids';
import { archivedFilesOf, outputFilesOf } from '#lib/model/stored-file';
import { checkObject } from '#lib/object-check';
import { systemClock } from '#lib/system-clock';
import { turn } from '#lib/turn';
import type { Objects } from '#ports/objects';
import type { Item, ScanEntry, Store } from '#ports/store';
import type { Check } from '#schema/check-up';
import type { Plane } from '../../functions/catalog.ts';
import { damageCheck, moreDamaged, mostNamed, orphanCheck } from './damage-checks.ts';
import type { DeepCount } from './deep-progress.ts';
import { openPlaneObjects } from './plane-objects.ts';

/** A plane's folder, its instance, and who hears how far it has come. */
export type DeepLook = {
  readonly folder: string;
  readonly plane: Plane;
  readonly instance: string;
  readonly onProgress: (count: DeepCount) => void;
};

type Reach = DeepLook & { readonly store: Store; readonly objects: Objects };

const entriesPerPage = 200;

/** Collects what is named, up to a number. */
const createNamer = (plane: Plane) => {
  const named: Check[] = [];
  const more = { records: 0, objects: 0 };
  return {
    name: (check: Check): void => {
      if (named.length < mostNamed) named.push(check);
      else if (check.check === 'records' || check.check === 'objects') more[check.check] += 1;
    },
    all: (): Check[] => [
      ...named,
      ...(['records', 'objects'] as const).flatMap((kind) =>
        more[kind] === 0 ? [] : [moreDamaged(plane, kind, more[kind])],
      ),
    ],
  };
};

const namedBy = (plane: Plane, item: Item) => (plane === 'archive' ? archivedFilesOf(item) : outputFilesOf(item));

type Walk = { readonly count: DeepCount; readonly name: (check: Check) => void };

type File = ReturnType<typeof namedBy>[number];

const checkFile = async (file: File, { plane, objects }: Reach, { count, name }: Walk): Promise<void> => {
  const checked = await checkObject(objects, file.expected, { budgetBytes: Number.POSITIVE_INFINITY });
  count.objects += 1;
  count.sizeBytes += checked.readBytes;
  if (!('found' in checked) || checked.found === undefined) return;
  const path = await objects.localPath(file.expected.objectKey);
  name(damageCheck(plane, { ...file.about, ...checked.found, path }));
};

const checkEntry = async (entry: ScanEntry, reach: Reach, walk: Walk): Promise<void> => {
  const { plane } = reach;
  walk.count.records += 1;
  walk.count.sizeBytes += entry.sizeBytes;
  if ('fault' in entry) {
    const [about, found] = damagedRecord(entry.fault);
    return walk.name(damageCheck(plane, { ...about, ...found }));
  }
  for (const file of namedBy(plane, entry.item)) await checkFile(file, reach, walk);
};

const walkRecords = async (reach: Reach, walk: Walk): Promise<void> => {
  let after: string | undefined;
  for (;;) {
    const page = await reach.store.scan(entriesPerPage, after);
    for (const entry of page) {
      await checkEntry(entry, reach, walk);
      reach.onProgress(walk.count);
    }
    after = page.at(-1)?.after;
    if (after === undefined) return;
    await turn();
  }
};

/** The record that has to name an object, by the object's own name; undefined for what needs none. */
const ownerOf = ({ plane, instance }: Reach, key: string) => {
  const [name = ''] = key.split('/').slice(-1);
  const [stem = ''] = name.split('.');
  // Inputs too large for a queue lie there until they are used; they are named after their content.
  if (key.startsWith('calls/')) return undefined;
  const pk = plane === 'archive' ? stfIdFrom(name, instance) : nounIdFrom(stem, 'output', instance);
  return { pk: pk ?? name, sk: plane === 'archive' ? 'replica' : 'output' };
};

/** Whether a record names the object; a record that is damaged is named by itself, and its object is no orphan. */
const isNamed = async (reach: Reach, key: string): Promise<boolean> => {
  const owner = ownerOf(reach, key);
  if (owner === undefined) return true;
  try {
    const item = await reach.store.get(owner);
    // The list of a merge's inputs is there before the output that names it.
    if (item === undefined) return key.endsWith('.inputs.jsonl');
    return namedBy(reach.plane, item).some(({ expected }) => expected.objectKey === key);
  } catch {
    return true;
  }
};

const walkObjects = async (reach: Reach, { count, name }: Walk): Promise<void> => {
  for await (const key of reach.objects.list('')) {
    if (!(await isNamed(reach, key))) name(orphanCheck(reach.plane, (await reach.objects.localPath(key)) ?? key));
    reach.onProgress(count);
  }
};

const sizeOf = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/**
 * Reads all of a plane's records, each by its checksum and indexes, and every file that a record names, by size and both
 * checksums; then looks for files that no record names. Streams, changes nothing, and runs beside a plane that serves.
 */
export const checkDeeply = async (look: DeepLook): Promise<Check[]> => {
  const { folder, plane } = look;
  const path = join(folder, plane, 'store.db');
  const openStore = await embedded.sqliteStore();
  const { store } = await openStore({ path, clock: systemClock, readOnly: true });
  try {
    const objects = await openPlaneObjects(folder, plane);
    const reach = { ...look, store, objects };
    const count: DeepCount = { records: 0, objects: 0, sizeBytes: 0 };
    const { name, all } = createNamer(plane);
    await walkRecords(reach, { count, name });
    await walkObjects(reach, { count, name });
    const found = all();
    const fine = (check: 'records' | 'objects', what: string): Check[] =>
      found.some((one) => one.check === check) ? [] : [{ check, of: plane, level: 'ok', what }];
    return [
      ...found,
      ...fine('records', `${count.records} records read, all as they were written`),
      ...fine(
        'objects',
        `${count.objects} files read, ${sizeOf(count.sizeBytes)} with records, all as they were written`,
      ),
    ];
  } finally {
    await store.close();
  }
};
