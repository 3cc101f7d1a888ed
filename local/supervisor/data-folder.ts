import { randomBytes } from 'node:crypto';
import { access, constants, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { type Config, readConfig } from '#lib/config';
import { PapilioError } from '#lib/errors';
import { jsonOf } from '#lib/model/json';
import { nodeDisk } from '#lib/node-disk';
import { Instance, Wing } from '#schema/id';
import { hasCode } from '../engine/disk.ts';
import { FolderInUse, lockFolder } from '../engine/lock.ts';
import { markRunning, refuseCopy } from './folder-mark.ts';
import { isRunning } from './process-identity.ts';
import { lostConfig, refuseOtherRecords } from './record-identity.ts';

/** What a data folder says of itself: whose it is, and which papilio can read it. */
export const Deed = z.object({
  format: z.literal(1),
  instance: Instance,
  wing: Wing,
  epoch: z.int().min(1),
  /** `stack.json` of the stack that has its records; without it they lie in the folder itself. */
  stack: z.string().optional(),
  createdAt: z.iso.datetime(),
});
export type Deed = z.infer<typeof Deed>;

const deedName = 'config.json';
/** What an interrupted first start may have left before the deed was written. */
const beginnings = /^(lock(\..*)?|config\.json\.tmp|log)$/;

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const makeFolder = async (folder: string): Promise<void> => {
  try {
    // Node's own recursive mkdir never returns where the parent is there and refuses: in /proc, for one.
    if (!(await isThere(folder))) await mkdir(folder, { recursive: !(await isThere(dirname(folder))), mode: 0o700 });
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new PapilioError(
      'folder-unusable',
      `${folder}: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
};

/** Whether a folder has the store of a plane: then it was papilio's. */
const hasRecords = async (folder: string): Promise<boolean> =>
  (await isThere(join(folder, 'archive', 'store.db'))) || (await isThere(join(folder, 'work', 'store.db')));

/** What a folder says of itself; undefined if it says nothing yet. @throws folder-foreign */
export const readDeed = async (folder: string): Promise<Deed | undefined> => {
  try {
    const parsed = Deed.safeParse(JSON.parse(await readFile(join(folder, deedName), 'utf8')));
    if (parsed.success) return parsed.data;
    throw new PapilioError('folder-foreign', `${join(folder, deedName)}: ${z.prettifyError(parsed.error)}`);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    if (error instanceof PapilioError) throw error;
    throw new PapilioError('folder-foreign', `${join(folder, deedName)} cannot be read: ${String(error)}`, error);
  }
};

/** A folder with other people's files is left alone, and so is one of papilio's that has lost its deed. */
const refuseForeign = async (folder: string): Promise<void> => {
  const foreign = (await readdir(folder)).filter((name) => !beginnings.test(name));
  if (foreign.length === 0) return;
  if (await hasRecords(folder)) throw await lostConfig(folder, `${join(folder, deedName)} is not there`);
  throw new PapilioError('folder-foreign', `${folder} has no config.json, but holds ${foreign.slice(0, 3).join(', ')}`);
};

const writeDeed = async (folder: string, config: Config): Promise<Deed> => {
  const deed: Deed = {
    format: 1,
    instance: config.PAPILIO_INSTANCE,
    wing: config.PAPILIO_WING,
    epoch: config.PAPILIO_EPOCH,
    ...(config.PAPILIO_STACK === undefined ? {} : { stack: resolve(config.PAPILIO_STACK) }),
    createdAt: new Date().toISOString(),
  };
  const path = join(folder, deedName);
  await writeFile(`${path}.tmp`, `${JSON.stringify(deed, undefined, 2)}\n`, { mode: 0o600, flush: true });
  await rename(`${path}.tmp`, path);
  return deed;
};

/** Whoever can read this file may change things through the front; made once, and anew if somebody removes it. */
const ensureToken = async (folder: string): Promise<void> => {
  const path = join(folder, 'admin.token');
  if (await isThere(path)) return;
  const text = `${randomBytes(32).toString('base64url')}\n`;
  await writeFile(`${path}.tmp`, text, { mode: 0o600, flush: true });
  await rename(`${path}.tmp`, path);
};

type Environment = Readonly<Record<string, string | undefined>>;

/** A folder keeps the instance and wing that made it; who asks for others has taken the wrong folder. @throws folder-foreign */
const refuseOthers = (
  folder: string,
  deed: Deed,
  { PAPILIO_INSTANCE: instance, PAPILIO_WING: wing }: Environment,
): void => {
  if ((instance ?? deed.instance) === deed.instance && (wing ?? deed.wing) === deed.wing) return;
  throw new PapilioError(
    'folder-foreign',
    `${folder} belongs to ${deed.instance} at ${deed.wing}, not to ${instance ?? deed.instance} at ${wing ?? deed.wing}`,
  );
};

const wordsOf = (stack: string | undefined): string => (stack === undefined ? 'without a stack' : `on ${stack}`);
const flagsOf = (stack: string | undefined): string =>
  stack === undefined ? 'without --on stack' : `with --on stack --stack ${dirname(stack)}`;

/** A folder's records lie where its first start put them. @throws folder-foreign */
export const refuseElsewhere = (
  folder: string,
  { stack: known }: Deed,
  { PAPILIO_STACK: given }: Environment,
): void => {
  const asked = given === undefined ? undefined : resolve(given);
  if (asked === known) return;
  throw new PapilioError(
    'folder-foreign',
    `${folder} works ${wordsOf(known)}, not ${wordsOf(asked)}: start it ${flagsOf(known)}, or take another folder`,
  );
};

/** Whether a deed is one that a later papilio wrote. */
const isLater = (text: string): boolean => {
  const format = z.object({ format: z.number() }).safeParse(jsonOf(text)).data?.format;
  return format !== undefined && format > 1;
};

/** The deed of a folder. @throws folder-config-lost for one with records that has a damaged one; folder-foreign */
const knownDeed = async (folder: string): Promise<Deed | undefined> => {
  try {
    return await readDeed(folder);
  } catch (error) {
    const text = await readFile(join(folder, deedName), 'utf8').catch(() => '');
    if (isLater(text) || !(await hasRecords(folder))) throw error;
    throw await lostConfig(folder, `${join(folder, deedName)} cannot be read`);
  }
};

/** The folder as a supervisor holds it. */
export type DataFolder = { readonly deed: Deed; readonly unlock: () => Promise<void> };

/** How a folder is opened. */
type Opening = {
  /** Opens a copy that was made while papilio wrote to the original. */
  readonly acceptsCopy?: boolean;
};

const lock = async (folder: string): Promise<() => Promise<void>> => {
  try {
    return await lockFolder(nodeDisk, folder, isRunning);
  } catch (error) {
    if (!(error instanceof FolderInUse)) throw error;
    throw new PapilioError('folder-in-use', `${folder} is used by process ${error.holder.pid}`, error);
  }
};

/**
 * Takes a data folder for this supervisor; makes it if it is not there.
 * @throws folder-unusable, folder-foreign, folder-config-lost, folder-identity, folder-copied, folder-in-use
 */
export const openDataFolder = async (
  folder: string,
  environment: Environment,
  { acceptsCopy = false }: Opening = {},
): Promise<DataFolder> => {
  const config = readConfig(environment);
  await makeFolder(folder);
  const known = await knownDeed(folder);
  if (known === undefined) await refuseForeign(folder);
  await refuseCopy(folder, acceptsCopy);
  const unlock = await lock(folder);
  try {
    const deed = known ?? (await readDeed(folder)) ?? (await writeDeed(folder, config));
    refuseOthers(folder, deed, environment);
    refuseElsewhere(folder, deed, environment);
    for (const name of ['log', 'incoming', 'archive', 'work'])
      await mkdir(join(folder, name), { recursive: true, mode: 0o700 });
    if (deed.stack === undefined) await refuseOtherRecords(folder, deed);
    await ensureToken(folder);
    const markStopped = await markRunning(folder, () => new Date());
    return {
      deed,
      unlock: async () => {
        await markStopped();
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
};
