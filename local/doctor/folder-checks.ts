import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '#lib/config';
import { asPapilioError } from '#lib/errors';
import type { Check } from '#schema/check-up';
import { type Plane, planes } from '../../functions/catalog.ts';
import { buildOf } from '../supervisor/build.ts';
import { type Deed, readDeed } from '../supervisor/data-folder.ts';
import { checkAuditLog } from './audit-check.ts';
import { checkBrokers } from './broker-check.ts';
import { checkCheckpoint } from './checkpoint-check.ts';
import { checkDeeply } from './deep-check.ts';
import { createProgress } from './deep-progress.ts';
import { checkDisk } from './disk-check.ts';
import { checkJournal } from './journal-check.ts';
import { checkProcesses, runningHolder } from './process-check.ts';
import { checkScrub } from './scrub-check.ts';
import { bytesElsewhere, checkStore, storeElsewhere } from './store-check.ts';

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

/** Without `isDeep` a store that cannot be read is a problem of the store's own check. */
const errorProblem = (of: Plane, isDeep: boolean, error: unknown): Check[] =>
  (['records', 'objects'] as const).map((check) => ({
    ...{ check, of, level: isDeep ? ('problem' as const) : ('unseen' as const) },
    what: `cannot be examined: ${error instanceof Error ? error.message : String(error)}`,
    todo: 'See docs/operators/runbooks/damaged-bytes.md.',
  }));

const auditUnread = (of: Plane, error: unknown): Check => ({
  ...{ check: 'audit', of, level: 'problem' },
  what: `cannot be verified: ${asPapilioError(error).reason}`,
  todo: 'See whether the store and the anchor can be read: docs/operators/audit-log.md.',
});

/** Whether records and files are as they were written: as the scrubber found them, or with `isDeep` by reading all. */
const checkBytes = async (folder: string, of: Plane, deed: Deed, { isDeep, config }: Look): Promise<Check[]> => {
  if (deed.stack !== undefined) return bytesElsewhere(of, deed.stack);
  if (!existsSync(join(folder, of, 'store.db'))) return [];
  try {
    if (!isDeep) return await checkScrub(folder, of, deed);
    const onProgress = createProgress(of, (line) => process.stderr.write(line));
    const found = await checkDeeply({ folder, plane: of, instance: deed.instance, onProgress });
    const serves = (await runningHolder(folder, `${of}/lock`)) !== undefined;
    const audit = await checkAuditLog(folder, of, deed, config).catch((error: unknown) => [auditUnread(of, error)]);
    return [...found, ...audit, ...(serves ? await checkJournal(folder, of) : [])];
  } catch (error) {
    return errorProblem(of, isDeep, error);
  }
};

/** Looks at all of a data folder that is not its engines; changes nothing. */
export const checkFolder = async (folder: string, look: Look): Promise<Check[]> => {
  const { config, isDeep, running } = look;
  const deed = await readDeed(folder).catch(() => undefined);
  const stack = deed?.stack;
  const storeOf = async (of: Plane) =>
    stack === undefined ? checkStore(folder, of, isDeep) : storeElsewhere(of, stack);
  const each = planes.flatMap((of) => [
    orProblem({ check: 'store', of }, storeOf(of)),
    orProblem({ check: 'disk', of }, checkDisk(folder, of, { config })),
  ]);
  const bytes = deed === undefined ? [] : await Promise.all(planes.map((of) => checkBytes(folder, of, deed, look)));
  return [
    await checkBuild(running),
    await checkProcesses(folder),
    ...(await Promise.all(each)),
    ...bytes.flat(),
    ...(isDeep ? await checkCheckpoint(folder) : []),
    ...(await checkBrokers(folder)),
  ];
};
