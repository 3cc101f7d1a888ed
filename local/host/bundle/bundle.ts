import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import * as z from 'zod';
import { environment } from '#lib/config';
import type { FunctionCode } from '../function-code.ts';
import { buildOptionsOf, bundleHandler, bundleRoot, type Ingredient, recipeOf } from './recipe.ts';

/** What a bundle was made of, so that it is made anew when one of these changes and only then. */
const Manifest = z.object({
  recipe: z.string(),
  /** Files by their path in the repository, each with its checksum. */
  inputs: z.record(z.string(), z.string()),
  sha256: z.string(),
  sizeBytes: z.int(),
});
type Manifest = z.infer<typeof Manifest>;

/** Where bundles are kept: outside the repository, each in a folder that is named after its content. */
export const bundleCache = (): string =>
  join(environment().XDG_CACHE_HOME || join(homedir(), '.cache'), 'papilio', 'bundles');

const sha256Of = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** Checksums of files, each read once: most bundles are made of the same. */
export type Checksums = (path: string) => Promise<string>;

/** Makes the checksums of one building. */
export const createChecksums = (): Checksums => {
  const known = new Map<string, Promise<string>>();
  const read = (path: string) => readFile(join(bundleRoot, path)).then(sha256Of, () => 'gone');
  return (path) => {
    const found = known.get(path) ?? read(path);
    known.set(path, found);
    return found;
  };
};

const readManifest = async (path: string): Promise<Manifest | undefined> => {
  try {
    return Manifest.safeParse(JSON.parse(await readFile(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
};

type BundleFile = { readonly name: string; readonly bytes: Uint8Array };

/** Of files in the order of their names. */
const sumOf = (files: readonly BundleFile[]): string =>
  sha256Of(files.map(({ name, bytes }) => `${name} ${sha256Of(bytes)}\n`).join(''));

const sumIn = async (folder: string): Promise<string> => {
  const names = (await readdir(folder).catch(() => [])).sort();
  return sumOf(await Promise.all(names.map(async (name) => ({ name, bytes: await readFile(join(folder, name)) }))));
};

const isFresh = async (manifest: Manifest, recipe: string, folder: string, checksums: Checksums): Promise<boolean> => {
  if (manifest.recipe !== recipe) return false;
  if ((await sumIn(folder)) !== manifest.sha256) return false;
  const same = await Promise.all(
    Object.entries(manifest.inputs).map(async ([path, sha256]) => (await checksums(path)) === sha256),
  );
  return same.every(Boolean);
};

type Built = { readonly manifest: Manifest; readonly files: readonly BundleFile[] };

const make = async (ingredient: Ingredient, recipe: string, checksums: Checksums): Promise<Built> => {
  const { outputFiles, metafile } = await build(buildOptionsOf(ingredient));
  const files = outputFiles
    .map(({ path, contents }) => ({ name: basename(path), bytes: contents }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  const paths = Object.keys(metafile.inputs).filter(
    (path) => !path.endsWith('.entry.ts') && !path.startsWith('left-out:'),
  );
  const inputs = Object.fromEntries(await Promise.all(paths.map(async (path) => [path, await checksums(path)])));
  const sha256 = sumOf(files);
  const sizeBytes = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return { manifest: { recipe, inputs, sha256, sizeBytes }, files };
};

/** A folder appears whole or not at all; two who make the same make it equal. One that a crash has broken is replaced. */
const keep = async (folder: string, { manifest, files }: Built): Promise<void> => {
  const draft = `${folder}.${randomUUID()}`;
  await mkdir(draft, { recursive: true });
  await Promise.all(files.map(({ name, bytes }) => writeFile(join(draft, name), bytes)));
  await rename(draft, folder).catch(async () => {
    if ((await sumIn(folder)) !== manifest.sha256) {
      await rm(folder, { recursive: true, force: true });
      await rename(draft, folder);
    }
    await rm(draft, { recursive: true, force: true });
  });
};

const keptMs = 30 * 86_400_000;
const keptBesides = 3;

/** Removes bundles of a function that are older than 30 days, except the current one and the latest three besides. */
const removeOld = async (cache: string, current: string): Promise<void> => {
  const names = (await readdir(cache)).filter((name) => name !== 'manifest.json' && name !== current);
  const dated = await Promise.all(
    names.map(async (name) => ({
      name,
      madeMs: await stat(join(cache, name)).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    })),
  );
  const older = dated.sort((one, other) => other.madeMs - one.madeMs).slice(keptBesides);
  for (const { name, madeMs } of older) {
    if (madeMs < Date.now() - keptMs) await rm(join(cache, name), { recursive: true, force: true });
  }
};

const write = async (path: string, manifest: Manifest): Promise<void> => {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify(manifest));
  await rename(draft, path);
};

/** Gives the bundle of a function, made now if what it is made of has changed. @throws what esbuild says */
export const bundleFunction = async (
  ingredient: Ingredient,
  checksums: Checksums,
  cache = bundleCache(),
): Promise<FunctionCode> => {
  const { name } = ingredient;
  const recipe = sha256Of(recipeOf(ingredient));
  const folderOf = (manifest: Manifest) => join(cache, name, manifest.sha256.slice(0, 16));
  const manifestPath = join(cache, name, 'manifest.json');
  const codeOf = (manifest: Manifest): FunctionCode => ({
    name,
    folder: folderOf(manifest),
    handler: bundleHandler,
    sha256: manifest.sha256,
    sizeBytes: manifest.sizeBytes,
  });
  const before = await readManifest(manifestPath);
  if (before !== undefined && (await isFresh(before, recipe, folderOf(before), checksums))) return codeOf(before);
  const built = await make(ingredient, recipe, checksums);
  await keep(folderOf(built.manifest), built);
  await write(manifestPath, built.manifest);
  await removeOld(join(cache, name), basename(folderOf(built.manifest)));
  return codeOf(built.manifest);
};

/** Bundles several functions, four at a time. @throws what esbuild says of the first that cannot be made */
export const bundleFunctions = async (
  ingredients: readonly Ingredient[],
  cache = bundleCache(),
): Promise<ReadonlyMap<string, FunctionCode>> => {
  const checksums = createChecksums();
  const codes = new Map<string, FunctionCode>();
  const queue = [...ingredients];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      codes.set(next.name, await bundleFunction(next, checksums, cache));
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  return codes;
};
