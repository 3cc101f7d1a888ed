import type { Config } from '#lib/config';
import type { Check } from '#schema/check-up';
import type { Plane } from '../../functions/catalog.ts';
import { buildOf } from '../supervisor/build.ts';
import { checkBrokers } from './broker-check.ts';
import { checkDisk } from './disk-check.ts';
import { checkProcesses } from './process-check.ts';
import { checkStore } from './store-check.ts';

const planes = ['archive', 'work'] as const satisfies readonly Plane[];

/** How thoroughly, and by whose limits, a folder is looked at. */
export type Look = { readonly config: Config; readonly isDeep: boolean };

/** One look that cannot end leaves the others. */
const orProblem = (about: Pick<Check, 'check' | 'of'>, look: Promise<Check>): Promise<Check> =>
  look.catch((error: unknown) => ({
    ...about,
    level: 'problem',
    what: `cannot be examined: ${error instanceof Error ? error.message : String(error)}`,
    todo: 'See whether the folder is whole, and yours to read.',
  }));

/** Looks at all of a data folder that is not its engines; changes nothing. */
export const checkFolder = async (folder: string, { config, isDeep }: Look): Promise<Check[]> => {
  const each = planes.flatMap((of) => [
    orProblem({ check: 'store', of }, checkStore(folder, of, isDeep)),
    orProblem({ check: 'disk', of }, checkDisk(folder, of, { config })),
  ]);
  const build: Check = {
    check: 'version',
    of: 'checkout',
    level: 'ok',
    what: `${await buildOf()}, Node ${process.version}`,
  };
  return [build, await checkProcesses(folder), ...(await Promise.all(each)), ...(await checkBrokers(folder))];
};
