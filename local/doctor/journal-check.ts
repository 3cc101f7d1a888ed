import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { nodeDisk } from '#lib/node-disk';
import type { Check } from '#schema/check-up';
import type { Plane } from '../../functions/catalog.ts';
import { inspectJournal, type JournalProblem } from '../engine/doctor/journal-report.ts';

const tries = 3;

/** Problems that several looks agree on: an engine that serves writes, seals and removes files meanwhile. */
const lasting = async (folder: string): Promise<readonly JournalProblem[]> => {
  let problems: readonly JournalProblem[] = [];
  for (let look = 0; look < tries; look++) {
    const found = (await inspectJournal(nodeDisk, folder)).problems;
    const known = new Set(problems.map(({ what }) => what));
    problems = look === 0 ? found : found.filter(({ what }) => known.has(what));
    if (problems.length === 0) return [];
  }
  return problems;
};

/** Reads journals and snapshots of an engine that serves by their checksums: it has read them when it started, not since. */
export const checkJournal = async (folder: string, plane: Plane): Promise<Check[]> => {
  const engine = join(folder, plane, 'engine');
  if (!existsSync(engine)) return [];
  return (await lasting(engine)).map(({ what }) => ({
    check: 'engine',
    of: plane,
    level: 'problem',
    what,
    todo: 'The engine goes on from memory. Before it is stopped, make a backup (papilio engine backup); docs/operators/runbooks/damaged-bytes.md.',
  }));
};
