import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { installedPackages, type Package } from './lock-file.ts';
import { root, type Step } from './shell.ts';

/** From which version on, and before or up to which; `fixed` and `last` are undefined where there is no remedy. */
const Range = z.object({
  introduced: z.string(),
  fixed: z.string().optional(),
  last: z.string().optional(),
});

/** A published weakness of a package, as far as the check needs it. */
export const Advisory = z.object({
  id: z.string(),
  aliases: z.array(z.string()).default([]),
  package: z.string(),
  summary: z.string(),
  ranges: z.array(Range),
  /** Single versions, where the source names them so. */
  versions: z.array(z.string()).default([]),
});
export type Advisory = z.infer<typeof Advisory>;

/** What was known of weaknesses on a day: `tests/check/advisories.json`. */
export const Snapshot = z.object({
  takenAt: z.iso.date(),
  source: z.string(),
  advisories: z.array(Advisory),
});
export type Snapshot = z.infer<typeof Snapshot>;

/** Where the snapshot lies. */
export const snapshotPath = join(root, 'tests/check/advisories.json');

/** A weakness that is borne for some time, and why it does no harm here. */
type Borne = { readonly id: string; readonly package: string; readonly because: string; readonly until: string };
const borne: readonly Borne[] = [];

const numbersOf = (version: string): { readonly release: readonly number[]; readonly isBefore: boolean } => {
  const [, core = '0', pre] = /^v?(\d+(?:\.\d+)*)(-)?/.exec(version) ?? [];
  return { release: core.split('.').map(Number), isBefore: pre !== undefined };
};

/** Below 0 if the first comes first. What comes before a release has no order in itself. */
export const compareVersions = (one: string, other: string): number => {
  const [a, b] = [numbersOf(one), numbersOf(other)];
  for (let at = 0; at < Math.max(a.release.length, b.release.length); at++) {
    const difference = (a.release[at] ?? 0) - (b.release[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return Number(b.isBefore) - Number(a.isBefore);
};

const isIn = (version: string, { introduced, fixed, last }: z.infer<typeof Range>): boolean =>
  compareVersions(version, introduced) >= 0 &&
  (fixed === undefined || compareVersions(version, fixed) < 0) &&
  (last === undefined || compareVersions(version, last) <= 0);

/** Installed packages that the snapshot knows a weakness of; borne ones count until their day. */
export const advisoryProblems = (
  packages: readonly Package[],
  { advisories }: Snapshot,
  { bears = borne, today }: { readonly bears?: readonly Borne[]; readonly today: string },
): readonly string[] => {
  const known = Map.groupBy(advisories, (one) => one.package);
  return packages.flatMap(({ name, version }) =>
    (known.get(name) ?? [])
      .filter(({ ranges, versions }) => versions.includes(version) || ranges.some((range) => isIn(version, range)))
      .filter(({ id }) => !bears.some((one) => one.id === id && one.package === name && today <= one.until))
      .map(
        ({ id, aliases, summary }) =>
          `${name}@${version}: ${[id, ...aliases].join(', ')}: ${summary}; take a version without it, or say in tests/check/advisories.ts why it is borne, and until when`,
      ),
  );
};

const today = (): string => new Date().toISOString().slice(0, 10);

/** Reads the snapshot of the repository. */
export const readSnapshot = async (): Promise<Snapshot> =>
  Snapshot.parse(JSON.parse(await readFile(snapshotPath, 'utf8')));

/** How old a snapshot is, for a person. */
export const ageOf = ({ takenAt, source, advisories }: Snapshot, now: string): string => {
  const days = Math.round((Date.parse(now) - Date.parse(takenAt)) / 86_400_000);
  return `${advisories.length} advisories of ${takenAt}, ${days} days old, ${source}; renewed by npm run advisories`;
};

/** No dependency has a weakness that the snapshot knows. */
export const advisoriesStep: Step = {
  name: 'advisories',
  run: async () => advisoryProblems(await installedPackages(), await readSnapshot(), { today: today() }),
  note: async () => ageOf(await readSnapshot(), today()),
};
