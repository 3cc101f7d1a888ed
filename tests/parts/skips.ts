import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';
import { partHome } from '../../local/stack/parts/part-home.ts';

/** How often in a row each part was skipped on this machine, in the cache of the parts. */
const Skips = z.record(z.string(), z.int().min(1));
const tolerated = 1;

const read = (file: string): z.infer<typeof Skips> => {
  try {
    return Skips.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return {};
  }
};

/** Notes who of `asked` was skipped; tells who was so more often in a row than is tolerated. */
export const countSkips = (
  asked: readonly string[],
  skipped: readonly string[],
  file = partHome('skipped', 'parts.json'),
): string[] => {
  const before = read(file);
  const kept = Object.entries(before).filter(([name]) => !asked.includes(name));
  const now = Object.fromEntries([...kept, ...skipped.map((name) => [name, (before[name] ?? 0) + 1] as const)]);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(now));
  return Object.keys(now).filter((name) => (now[name] ?? 0) > tolerated);
};
