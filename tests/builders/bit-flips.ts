import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import * as z from 'zod';
import { readConfig } from '#lib/config';
import { asPapilioError } from '#lib/errors';
import { nodeDisk } from '#lib/node-disk';
import type { Item, Query, Store } from '#ports/store';
import { openDiskObjects } from '../../functions/adapters/objects/disk.ts';
import { openSqliteStore } from '../../functions/adapters/store/sqlite.ts';
import { planes } from '../../functions/catalog.ts';
import { checkFolder } from '../../local/doctor/folder-checks.ts';
import { inspectJournal } from '../../local/engine/doctor/journal-report.ts';
import { recover } from '../../local/engine/recovery.ts';
import { fakeClock } from './fake-clock.ts';
import { diskWith } from './held-journals.ts';
import { aRandom } from './random.ts';

/** Kinds of files in a data folder whose bytes are checked: a pattern on the path below it, and whether every flip is named. */
export const fileKinds = {
  'archived STFs': { pattern: /^archive\/objects\/data\//, isAlwaysNamed: true },
  outputs: { pattern: /^work\/objects\/data\//, isAlwaysNamed: true },
  'sizes and checksums beside files': { pattern: /^(archive|work)\/objects\/facts\//, isAlwaysNamed: true },
  'sealed segments': { pattern: /^(archive|work)\/segments\/.*\.seg$/, isAlwaysNamed: true },
  stores: { pattern: /^(archive|work)\/store\.db$/, isAlwaysNamed: false },
  'journals and snapshots': { pattern: /^(archive|work)\/engine\/(journal|snapshot)-/, isAlwaysNamed: false },
} as const satisfies Readonly<Record<string, { readonly pattern: RegExp; readonly isAlwaysNamed: boolean }>>;
export type FileKind = keyof typeof fileKinds;

/** What can be read of a folder, by name: a text, or `error CODE`. */
type Portrait = Map<string, string>;

const sha = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();

const orError = async (read: () => Promise<string>): Promise<string> => {
  try {
    return await read();
  } catch (error) {
    const { code, kind } = asPapilioError(error);
    return `error ${kind === 'Bug' ? `bug ${String(error)}` : code}`;
  }
};

/** Keys and index partitions that a folder has, from before it was damaged. */
export type Known = { readonly items: readonly Item[]; readonly objects: readonly string[] };
type KnownByPlane = Readonly<Record<string, Known>>;

const walk = async (store: Store, after?: string): Promise<Item[]> => {
  const page = await store.scan(500, after);
  const items = page.flatMap((entry) => ('item' in entry ? [entry.item] : []));
  const last = page.at(-1);
  return last === undefined ? [] : [...items, ...(await walk(store, last.after))];
};

const openReader = (folder: string, plane: string) =>
  openSqliteStore({ path: join(folder, plane, 'store.db'), clock: fakeClock(), readOnly: true });

const openObjects = (folder: string, plane: string) =>
  openDiskObjects({ folder: join(folder, plane, 'objects'), disk: nodeDisk });

const listAll = async (names: AsyncIterable<string>): Promise<string[]> => {
  const all: string[] = [];
  for await (const name of names) all.push(name);
  return all;
};

/** What there is to read in a folder that is whole. */
export const knownIn = async (folder: string): Promise<KnownByPlane> => {
  const known: Record<string, Known> = {};
  for (const plane of planes) {
    const { store } = await openReader(folder, plane);
    const objects = await openObjects(folder, plane);
    known[plane] = { items: await walk(store), objects: await listAll(objects.list('')) };
    await store.close();
  }
  return known;
};

const partitionsOf = (items: readonly Item[]) => {
  const found = items.flatMap(({ pk, indexes }) => [
    `none ${pk}`,
    ...(indexes?.i1 === undefined ? [] : [`i1 ${indexes.i1.pk}`]),
    ...(indexes?.i2 === undefined ? [] : [`i2 ${indexes.i2.pk}`]),
  ]);
  return [...new Set(found)];
};

const queryOf = (partition: string): Query => {
  const [index = '', pk = ''] = partition.split(' ');
  return { pk, limit: 1000, ...(index === 'i1' ? { index } : {}), ...(index === 'i2' ? { index } : {}) };
};

const readStore = async (folder: string, plane: string, { items }: Known, into: Portrait): Promise<void> => {
  const opened = await openReader(folder, plane).catch((error: unknown) => asPapilioError(error));
  const isOpen = 'store' in opened;
  const read = async (name: string, act: (of: Awaited<ReturnType<typeof openReader>>) => Promise<unknown>) =>
    into.set(
      name,
      isOpen ? await orError(async () => JSON.stringify(await act(opened)) ?? 'nothing') : `error ${opened.code}`,
    );
  for (const { pk, sk } of items) await read(`${plane} record ${pk}/${sk}`, ({ store }) => store.get({ pk, sk }));
  for (const partition of partitionsOf(items))
    await read(`${plane} query ${partition}`, ({ store }) => store.query(queryOf(partition)));
  await read(`${plane} events`, ({ log }) => log.read(0, 10_000));
  if (isOpen) await opened.store.close();
};

const readObjects = async (folder: string, plane: string, { objects: keys }: Known, into: Portrait): Promise<void> => {
  const objects = await openObjects(folder, plane);
  for (const key of keys) into.set(`${plane} object ${key}`, await orError(async () => sha(await objects.read(key))));
};

const readEngine = async (folder: string, plane: string, into: Portrait): Promise<void> => {
  const engine = join(folder, plane, 'engine');
  const files = new Map(readdirSync(engine).map((name) => [name, readFileSync(join(engine, name))] as const));
  const bodies: Buffer[] = [];
  const keep = (body: Buffer) => bodies.push(Buffer.from(body));
  const recovered = recover(await diskWith(files), '/data', { onItem: keep, onRecord: keep });
  const text = await recovered.then(
    // One that is damaged is passed over: its segments say the same in other bodies.
    ({ damaged }) => (damaged === undefined ? sha(Buffer.concat(bodies)) : `error ${damaged.file} is passed over`),
    (error: unknown) => `error ${String(error)}`,
  );
  into.set(`${plane} engine`, text);
};

/** Everything that can be read of a folder: records by key, queries of every partition, events, objects, engines. */
export const portraitOf = async (folder: string, known: KnownByPlane): Promise<Portrait> => {
  const portrait: Portrait = new Map();
  for (const [plane, of] of Object.entries(known)) {
    await readStore(folder, plane, of, portrait);
    await readObjects(folder, plane, of, portrait);
    await readEngine(folder, plane, portrait);
  }
  return portrait;
};

const examined: ReadonlySet<string> = new Set(['store', 'records', 'objects']);

/** What `papilio doctor --deep` names in a folder in which nothing runs. */
export const namedIn = async (folder: string): Promise<string[]> => {
  const checks = await checkFolder(folder, { config: readConfig({}), isDeep: true });
  const named = checks.flatMap(({ check, level, what }) => (level === 'problem' && examined.has(check) ? [what] : []));
  for (const plane of planes) {
    const { problems } = await inspectJournal(nodeDisk, join(folder, plane, 'engine'));
    named.push(...problems.map(({ what }) => what));
  }
  return named;
};

/** One flipped bit, what was named, and what was read differently. */
export type Flip = {
  readonly file: string;
  readonly at: number;
  readonly named: readonly string[];
  /** Read as something else than what was written, without an error. */
  readonly untrue: readonly string[];
  /** Read as none or fewer. */
  readonly less: readonly string[];
  /** Read with an error. */
  readonly refused: readonly string[];
};

const Page = z.object({ items: z.array(z.unknown()) });
const itemsIn = (text: string): readonly string[] =>
  Page.parse(JSON.parse(text)).items.map((item) => JSON.stringify(item));

/** Whether what is read now is only less than what was written: a damaged index does not lead to all records any more. */
const isLess = (name: string, before: string, after: string): boolean => {
  if (/ record /.test(name)) return after === 'nothing';
  if (!/ query /.test(name)) return false;
  const known = new Set(itemsIn(before));
  return itemsIn(after).every((item) => known.has(item));
};

const compare = (before: Portrait, after: Portrait): Pick<Flip, 'untrue' | 'refused' | 'less'> => {
  const judge = (name: string, was: string, now: string): 'same' | 'refused' | 'less' | 'untrue' => {
    if (now === was) return 'same';
    if (now.startsWith('error')) return 'refused';
    return isLess(name, was, now) ? 'less' : 'untrue';
  };
  const judged = [...before].map(([name, was]) => ({ name, is: judge(name, was, after.get(name) ?? '') }));
  const named = (kind: string) => judged.filter(({ is }) => is === kind).map(({ name }) => name);
  return { untrue: named('untrue'), refused: named('refused'), less: named('less') };
};

/** Changes a file, looks at the folder, and puts the file back as it was. */
export const lookWith = async (
  { folder, known, before }: { folder: string; known: KnownByPlane; before: Portrait },
  file: string,
  change: (bytes: Buffer) => void,
): Promise<Omit<Flip, 'at'>> => {
  const path = join(folder, file);
  const bytes = readFileSync(path);
  const changed = Buffer.from(bytes);
  change(changed);
  writeFileSync(path, changed);
  try {
    return { file, named: await namedIn(folder), ...compare(before, await portraitOf(folder, known)) };
  } finally {
    writeFileSync(path, bytes);
    for (const tail of ['-wal', '-shm']) if (existsSync(`${path}${tail}`)) rmSync(`${path}${tail}`);
  }
};

/** Flips one bit in a file of a kind for each seed: files by their size, so that every byte is as likely as another. */
export async function* flipsOf(
  of: { folder: string; known: KnownByPlane; before: Portrait },
  kind: FileKind,
  seeds: number,
): AsyncGenerator<Flip> {
  const files = filesBelow(of.folder).filter((file) => fileKinds[kind].pattern.test(file));
  const sizes = files.map((file) => statSync(join(of.folder, file)).size);
  const sum = sizes.reduce((total, size) => total + size, 0);
  for (let seed = 1; seed <= seeds; seed++) {
    const random = aRandom(seed);
    let at = Math.floor(random() * sum);
    const index = sizes.findIndex((size) => {
      if (at < size) return true;
      at -= size;
      return false;
    });
    const bit = Math.floor(random() * 8);
    const flip = (bytes: Buffer) => bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at);
    yield { at, ...(await lookWith(of, files[index] ?? '', flip)) };
  }
}
