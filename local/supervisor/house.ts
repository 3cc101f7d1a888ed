import { join, resolve } from 'node:path';
import { readConfig } from '#lib/config';
import { createLog, type Log } from '#lib/log';
import { nodeDisk } from '#lib/node-disk';
import { systemClock } from '#lib/system-clock';
import { defaultHost } from '../front/bind.ts';
import { checkFree } from '../front/listen.ts';
import { type AwsPort, wordsOf } from '../plane/aws-port.ts';
import { buildOf } from './build.ts';
import { type Child, type ChildOptions, supervise } from './child.ts';
import { type DataFolder, openDataFolder } from './data-folder.ts';
import { watchFolder } from './folder-watch.ts';
import { killLeftovers } from './leftovers.ts';
import { standstillMs as defaultStandstillMs } from './life.ts';
import { type LogLimits, logLimitsOf, openLogFile } from './log-file.ts';
import { openProcessBoard } from './process-board.ts';
import { environmentOf, memoryOf, type ProcessName, processNames, programPaths } from './programs.ts';

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
  readonly awsPort?: AwsPort;
  /** What the bridge plays; without it there is no bridge. */
  readonly bridge?: readonly string[];
  /** Processes to start; all by default. */
  readonly processes?: readonly ProcessName[];
  /** Other programs in the place of papilio's own. */
  readonly programs?: Partial<Record<ProcessName, string>>;
  /** How long the loop of a process may stand still; 5 s by default. */
  readonly standstillMs?: number;
  /** Starts also on a copy of a folder that papilio was writing to when it was copied. */
  readonly acceptsCopy?: boolean;
  /** Tells the user what happens to the house. */
  readonly say?: (line: string) => void;
};

/** A papilio whose processes are started. */
export type House = {
  readonly folder: string;
  readonly instance: string;
  readonly pid: (name: ProcessName) => number | undefined;
  /** How often a process was started. */
  readonly starts: (name: ProcessName) => number;
  /** Resolves when a process is ready, or has fallen so often that others need not wait for it. */
  readonly settled: (name: ProcessName) => Promise<void>;
  /** Resolves when a process is ready for the first time. */
  readonly ready: (name: ProcessName) => Promise<void>;
  /** Rejects when a process cannot come up. @throws ProcessDown */
  readonly hopeless: Promise<never>;
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
  const aws = (offset: number) => (awsPort === undefined ? [] : wordsOf({ ...awsPort, port: awsPort.port + offset }));
  const table: Readonly<Record<ProcessName, readonly string[]>> = {
    work: ['work', ...aws(0)],
    archive: ['archive', ...aws(1)],
    front: ['--port', String(port), ...(host === undefined ? [] : ['--host', host])],
    bridge: options.bridge ?? [],
  };
  return table[name];
};

type Starter = (name: ProcessName, args: readonly string[]) => Child;

/** A recording has an end; brokers have none. */
const endsByItself = (name: ProcessName, args: readonly string[]): boolean =>
  name === 'bridge' && !args.includes('--brokers');

const createStarter = (
  options: HouseOptions,
  data: DataFolder,
  { log, limits, onChange }: Pick<ChildOptions, 'log' | 'onChange'> & { readonly limits: LogLimits },
): Starter => {
  const folder = resolve(options.folder);
  const environment = environmentOf(options.environment, data.deed);
  const say = options.say ?? (() => undefined);
  const standstillMs = options.standstillMs ?? defaultStandstillMs;
  return (name, args) => {
    const path = options.programs?.[name] ?? programPaths[name];
    const isPlane = name === 'archive' || name === 'work';
    const memory = memoryOf(name);
    const program = {
      name,
      path,
      args,
      folder,
      environment: { ...memory.environment, ...environment },
      nodeFlags: memory.nodeFlags,
      asksEnding: isPlane,
      endsByItself: endsByItself(name, args),
    };
    return supervise({
      program,
      output: openLogFile(join(folder, 'log', `${name}.jsonl`), limits),
      log,
      clock: systemClock,
      say,
      onChange,
      standstillMs,
    });
  };
};

const createLogOf = (folder: string, level: string, limits: LogLimits): Log => {
  const file = openLogFile(join(folder, 'log', 'supervisor.jsonl'), limits);
  return createLog(level, { process: 'supervisor' }, { write: (line: string) => file.line(line.trimEnd()) });
};

/** Refuses ports that are taken; 0 takes a free one. @throws port-in-use, bind-refused */
const checkPorts = async ({ port, host = defaultHost, awsPort }: HouseOptions): Promise<void> => {
  const aws =
    awsPort === undefined ? [] : [awsPort.port, awsPort.port + 1].map((each) => ({ host: defaultHost, port: each }));
  for (const at of [{ host, port }, ...aws]) if (at.port !== 0) await checkFree(at);
};

const stopAll = async (children: ReadonlyMap<ProcessName, Child>): Promise<void> => {
  for (const name of processNames) await children.get(name)?.stop();
};

/** The processes of a papilio by name, with the file that tells how they are. */
const openChildren = (folder: string, log: Log) => {
  const children = new Map<ProcessName, Child>();
  const lines = () => [...children.values()].map((child) => child.line());
  const board = openProcessBoard({ folder, disk: nodeDisk, clock: systemClock, log, lines });
  const hopeless = Promise.withResolvers<never>();
  hopeless.promise.catch(() => undefined);
  const add = (name: ProcessName, child: Child): Child => {
    children.set(name, child);
    if (name !== 'bridge') child.hopeless.catch(hopeless.reject);
    board.changed();
    return child;
  };
  const ofName = (name: ProcessName, what: 'ready' | 'settled') => children.get(name)?.[what] ?? Promise.resolve();
  return { all: children, board, add, ofName, hopeless: hopeless.promise };
};

/**
 * Opens a papilio: takes its folder, ends what a dead supervisor left, and starts planes and front. A process that does not
 * come up ends none of the others.
 * @throws folder-unusable, folder-foreign, folder-config-lost, folder-identity, folder-copied, folder-in-use, config-invalid, port-in-use, bind-refused
 */
export const openHouse = async (given: HouseOptions): Promise<House> => {
  const options = { ...given, environment: { PAPILIO_BUILD: await buildOf(), ...given.environment } };
  const config = readConfig(options.environment);
  const data = await openDataFolder(options.folder, options.environment, {
    acceptsCopy: options.acceptsCopy === true,
  });
  const limits = logLimitsOf(config);
  const log = createLogOf(options.folder, config.PAPILIO_LOG_LEVEL, limits);
  const children = openChildren(resolve(options.folder), log);
  const bridgeDone = Promise.withResolvers<void>();
  bridgeDone.promise.catch((error: unknown) => log.error({ reason: String(error) }, 'replay ended'));
  const start = createStarter(options, data, { log, limits, onChange: children.board.changed });
  const watch = watchFolder(options.folder, systemClock);
  const stop = async () => {
    watch.close();
    await stopAll(children.all);
    // A folder or lock that lies there now may be another papilio's.
    if (!watch.isLost()) {
      await children.board.close();
      await data.unlock();
    }
    log.info({}, 'house stopped');
  };
  try {
    await killLeftovers(options.folder, log);
    await checkPorts(options);
    for (const name of options.processes ?? ['archive', 'work', 'front'])
      children.add(name, start(name, argumentsOf(name, options)));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    folder: resolve(options.folder),
    instance: data.deed.instance,
    pid: (name) => children.all.get(name)?.pid(),
    starts: (name) => children.all.get(name)?.starts() ?? 0,
    ready: (name) => children.ofName(name, 'ready'),
    settled: (name) => children.ofName(name, 'settled'),
    hopeless: children.hopeless,
    bridgeDone: bridgeDone.promise,
    folderLost: watch.lost,
    play: (words) => {
      children.add('bridge', start('bridge', words)).done.then(bridgeDone.resolve, bridgeDone.reject);
    },
    stop,
    kill: () => {
      watch.close();
      for (const child of children.all.values()) child.kill();
    },
  };
};

/** Opens a papilio and waits until each of its processes is ready, or has fallen so often that it is not waited for. */
export const startHouse = async (options: HouseOptions): Promise<House> => {
  const house = await openHouse(options);
  await Promise.all(processNames.map((name) => house.settled(name)));
  if (options.bridge) house.play(options.bridge);
  return house;
};
