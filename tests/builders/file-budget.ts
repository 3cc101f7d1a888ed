import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as z from 'zod';

/** Files and bytes that one STF leaves on the disk, and the most entries of one folder. */
export const FileBudget = z.object({
  /** Files an STF, by part of the data folder; folders are shared by a thousand. */
  files: z.record(z.string(), z.int()),
  /** Bytes an STF in blocks of 4 kB, beside the STF and its output: no more than so many. */
  bytesMost: z.record(z.string(), z.int()),
  folderMost: z.int(),
});
export type FileBudget = z.infer<typeof FileBudget>;

/** The file budget that the repository keeps. */
export const fileBudgetPath = new URL('../contract/file-budget.json', import.meta.url);

/** What the repository says an STF may leave. */
export const readFileBudget = (): FileBudget => FileBudget.parse(JSON.parse(readFileSync(fileBudgetPath, 'utf8')));

const blockBytes = 4_096;
/** Parts of the data folder that keep files for each STF. */
const parts = {
  'archive/objects/data': isStf,
  'archive/objects/facts': isStf,
  'work/objects/data': isOfStf,
  'work/objects/facts': isOfStf,
  'work/jobs/live': isOfStf,
  'work/jobs/ended': isOfStf,
} as const;

function isStf(name: string): boolean {
  return name.startsWith('swf.');
}

/** Named after run and sequence: not of the warm-up or the merge of a run. */
function isOfStf(name: string): boolean {
  return /\d{8}-\d{8}-p\d+/.test(name);
}

const entriesOf = (folder: string) =>
  readdirSync(folder, { withFileTypes: true, recursive: true }).map((entry) => ({
    path: join(entry.parentPath, entry.name),
    isFile: entry.isFile(),
  }));

const filesOf = (folder: string, part: keyof typeof parts): string[] =>
  entriesOf(join(folder, part)).flatMap(({ path, isFile }) => (isFile && parts[part](basename(path)) ? [path] : []));

const names: readonly (keyof typeof parts)[] = [
  'archive/objects/data',
  'archive/objects/facts',
  'work/objects/data',
  'work/objects/facts',
  'work/jobs/live',
  'work/jobs/ended',
];

/** Files an STF by part. */
export const filesAnStf = (folder: string, stfs: number): Record<string, number> =>
  Object.fromEntries(names.map((part) => [part, filesOf(folder, part).length / stfs]));

const blocksOf = (paths: readonly string[]): number =>
  paths.reduce((sum, path) => sum + Math.ceil(statSync(path).size / blockBytes) * blockBytes, 0);

/** Bytes an STF by part, beside data and outputs; and the most entries of a folder. */
export const bytesAnStf = (folder: string, stfs: number) => {
  const kept = names.filter((part) => !part.endsWith('/data'));
  const bytes: Record<string, number> = Object.fromEntries(
    kept.map((part) => [part, blocksOf(filesOf(folder, part)) / stfs]),
  );
  const folders = names.flatMap((part) => entriesOf(join(folder, part)).filter(({ isFile }) => !isFile));
  return { bytes, most: Math.max(0, ...folders.map(({ path }) => readdirSync(path).length)) };
};
