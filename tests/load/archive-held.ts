import type { Bar, BenchmarkOptions, Result, Row } from './benchmark.ts';
import { rounded } from './figures.ts';
import { archivedIn, type Trouble } from './trouble.ts';

export const name = 'archive-held';
export const about = 'STFs archived while the work plane is stopped, loops, or has no space, against a paired run';

const cases = [
  'work plane stopped',
  'work plane loops',
  'work plane has no space',
] as const satisfies readonly Trouble[];
/** 6.67 STF/s, a little more than two sites at line rate. */
const speed = 4;
const stfs = 80;

/** Plays the same run with and without each trouble, in turns, and counts what is archived in the same time. */
export const run = async ({ scale, say }: BenchmarkOptions): Promise<Result> => {
  const pace = { stfs: Math.max(20, Math.round(stfs * scale)), speed };
  const rows: Row[] = [];
  const bars: Bar[] = [];
  for (const trouble of cases) {
    say(`${trouble}: two runs of ${pace.stfs} STFs`);
    const paired = await archivedIn('none', pace);
    const troubled = await archivedIn(trouble, pace);
    const measured = rounded(troubled.archived / paired.archived);
    rows.push({
      trouble,
      archived: troubled.archived,
      'archived in the paired run': paired.archived,
      'payloads started': troubled.started,
      'payloads in the paired run': paired.started,
    });
    bars.push({ what: `archived as a share of the paired run, ${trouble}`, measured, unit: '', atLeast: 0.8 });
  }
  return {
    tables: { 'STFs archived when the last message is in the queues': rows },
    bars,
    notes: [
      `one STF of 1 MB each ${rounded(0.6 / speed)} s; payloads started says that the work plane was really held`,
    ],
  };
};
