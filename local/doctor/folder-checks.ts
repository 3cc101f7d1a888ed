import type { Config } from '#lib/config';
import type { Check } from '#schema/check-up';
import { type Plane, planes } from '../../functions/catalog.ts';
import { buildOf } from '../supervisor/build.ts';
import { readDeed } from '../supervisor/data-folder.ts';
import { checkBrokers } from './broker-check.ts';
import { checkDisk } from './disk-check.ts';
import { checkProcesses } from './process-check.ts';
import { checkStore, storeElsewhere } from './store-check.ts';

/** How thoroughly, and by whose limits, a folder is looked at. */
export type Look = { readonly config: Config; readonly isDeep: boolean; readonly running?: string | undefined };

/** One look that cannot end leaves the others. */
const orProblem = (about: Pick<Check, 'check' | 'of'>, look: Promise<Check>): Promise<Check> =>
  look.catch((error: unknown) => ({
    ...about,
    level: 'problem',
    what: `cannot be examined: ${error instanceof Error ? error.message : String(error)}`,
    todo: 'See whether the folder is whole, and yours to read.',
  }));

/** What a start from here would run, against what runs. */
const checkBuild = async (running: string | undefined): Promise<Check> => {
  const build = await buildOf();
  const about = { check: 'version', of: 'checkout' } as const;
  if (running === undefined || running === build)
    return { ...about, level: 'ok', what: `${build}, Node ${process.version}` };
  return {
    ...about,
    level: 'warning',
    what: `${build} lies here, but ${running} runs`,
    todo: 'Stop papilio and start it again to run what lies here.',
  };
};

/** Looks at all of a data folder that is not its engines; changes nothing. */
export const checkFolder = async (folder: string, { config, isDeep, running }: Look): Promise<Check[]> => {
  const stack = (await readDeed(folder).catch(() => undefined))?.stack;
  const storeOf = async (of: Plane) =>
    stack === undefined ? checkStore(folder, of, isDeep) : storeElsewhere(of, stack);
  const each = planes.flatMap((of) => [
    orProblem({ check: 'store', of }, storeOf(of)),
    orProblem({ check: 'disk', of }, checkDisk(folder, of, { config })),
  ]);
  return [
    await checkBuild(running),
    await checkProcesses(folder),
    ...(await Promise.all(each)),
    ...(await checkBrokers(folder)),
  ];
};
