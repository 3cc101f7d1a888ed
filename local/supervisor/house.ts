import { join, resolve } from 'node:path';
import { readConfig } from '#lib/config';
import { createLog, type Log } from '#lib/log';
import { systemClock } from '#lib/system-clock';
import { buildOf } from './build.ts';
import { type Child, standstillMs as defaultStandstillMs, supervise } from './child.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import { watchFolder } from './folder-watch.ts';
import { killLeftovers } from './leftovers.ts';
import { openLogFile } from './log-file.ts';
import { environmentOf, type ProcessName, processNames, programPaths } from './programs.ts';

/** How a house is started. */
export type HouseOptions = {
  /** The data folder; made if it is not there. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Port of the front; 0 takes a free one. */
  readonly port: number;
  /** Address that the front listens on; by default one that only this machine reaches. */
  readonly host?: string;
  /** Opens Step Functions and SQS of the work plane on this port, of the archive plane on the next. */
  readonly awsPort?: number;
  /** What the bridge plays; without it there is no bridge. */
  readonly bridge?: readonly string[];
  /** Processes to start; all by default. */
  readonly processes?: readonly ProcessName[];
  /** Other programs in the place of papilio's own. */
  readonly programs?: Partial<Record<ProcessName, string>>;
  /** How long the loop of a process may stand still; 5 s by default. */
  readonly standstillMs?: number;
  /** Tells the user what happens to the house. */
  readonly say?: (line: string) => void;
};

/** A house with all its processes running. */
export type House = {
  readonly folder: string;
  readonly instance: string;
  readonly pid: (name: ProcessName) => number | undefined;
  /** How often a process was started. */
  readonly starts: (name: ProcessName) => number;
  /** Resolves when the bridge has played everything; rejects if it cannot begin. */
  readonly bridgeDone: Promise<void>;
  /** Rejects when its folder is not there any more, or not its own; the house must be killed then. */
  readonly folderLost: Promise<never>;
  /** Starts the bridge of a house that has none yet. */
  readonly play: (words: readonly string[]) => void;
  /** Ends bridge, front, work, archive, in this order. Payloads run on. */
  readonly stop: () => Promise<void>;
  /** Ends them at once. */
  readonly kill: () => void;
};

const argumentsOf = (name: ProcessName, options: HouseOptions): readonly string[] => {
  const { port, host, awsPort } = options;
  const aws = (at: number | undefined) => (at === undefined ? [] : ['--aws-port', String(at)]);
  const table: Readonly<Record<ProcessName, readonly string[]>> = {
    work: ['work', ...aws(awsPort)],
    archive: ['archive', ...aws(awsPort === undefined ? undefined : awsPort + 1)],
    front: ['--port', String(port), ...(host === undefined ? [] : ['--host', host])],
    bridge: options.bridge ?? [],
  };
  return table[name];
};

type Starter = (name: ProcessName, args: readonly string[]) => Child;

const createStarter = (options: HouseOptions, data: DataFolder, log: Log): Starter => {
  const folder = resolve(options.folder);
  const environment = environmentOf(options.environment, data.deed);
  const say = options.say ?? (() => undefined);
  const standstillMs = options.standstillMs ?? defaultStandstillMs;
  return (name, args) => {
    const path = options.programs?.[name] ?? programPaths[name];
    const isPlane = name === 'archive' || name === 'work';
    const program = { name, path, args, folder, environment, asksEnding: isPlane, endsByItself: name === 'bridge' };
    return supervise({
      program,
      output: openLogFile(join(folder, 'log', `${name}.jsonl`)),
      log,
      clock: systemClock,
      say,
      standstillMs,
    });
  };
};

const createLogOf = (folder: string, level: string): Log => {
  const file = openLogFile(join(folder, 'log', 'supervisor.jsonl'));
  return createLog(level, { process: 'supervisor' }, { write: (line: string) => file.line(line.trimEnd()) });
};

const stopAll = async (children: ReadonlyMap<ProcessName, Child>): Promise<void> => {
  for (const name of processNames) await children.get(name)?.stop();
};

/**
 * Starts a house: takes its folder, ends what a dead supervisor left, and brings up planes, then front and bridge.
 * @throws folder-unusable, folder-foreign, folder-in-use, config-invalid
 */
export const startHouse = async (given: HouseOptions): Promise<House> => {
  const options = { ...given, environment: { PAPILIO_BUILD: await buildOf(), ...given.environment } };
  const config = readConfig(options.environment);
  const data = await openDataFolder(options.folder, options.environment);
  const log = createLogOf(options.folder, config.PAPILIO_LOG_LEVEL);
  const children = new Map<ProcessName, Child>();
  const bridgeDone = Promise.withResolvers<void>();
  bridgeDone.promise.catch((error: unknown) => log.error({ reason: String(error) }, 'replay ended'));
  const wanted = options.processes ?? ['archive', 'work', 'front'];
  const start = createStarter(options, data, log);
  const play = (words: readonly string[]) => {
    const bridge = start('bridge', words);
    children.set('bridge', bridge);
    Promise.all([bridge.ready, bridge.done]).then(() => bridgeDone.resolve(), bridgeDone.reject);
  };
  const watch = watchFolder(options.folder, systemClock);
  const stop = async () => {
    watch.close();
    await stopAll(children);
    // A lock that lies there now may be another papilio's.
    if (!watch.isLost()) await data.unlock();
    log.info({}, 'house stopped');
  };
  try {
    await killLeftovers(options.folder, log);
    for (const name of wanted) children.set(name, start(name, argumentsOf(name, options)));
    await Promise.all([...children.values()].map((child) => child.ready));
    if (options.bridge) play(options.bridge);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    folder: resolve(options.folder),
    instance: data.deed.instance,
    pid: (name) => children.get(name)?.pid(),
    starts: (name) => children.get(name)?.starts() ?? 0,
    bridgeDone: bridgeDone.promise,
    folderLost: watch.lost,
    play,
    stop,
    kill: () => {
      watch.close();
      for (const child of children.values()) child.kill();
    },
  };
};
