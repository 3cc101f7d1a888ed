import { mkdir } from 'node:fs/promises';
import type { Config } from '#lib/config';
import { damageReportOf } from '#lib/damage-report';
import { createDeps, type Deps, embedded } from '#lib/deps';
import { PapilioError } from '#lib/errors';
import type { Log } from '#lib/log';
import { nodeDisk } from '#lib/node-disk';
import type { Clock } from '#ports/clock';
import type { PlaneReport } from '#schema/status';
import type { CatalogEntry, Plane } from '../../functions/catalog.ts';
import { type AuditKeeping, startAuditKeeping } from '../audit/keeping.ts';
import { FolderInUse, lockFolder } from '../engine/lock.ts';
import { type EngineServer, serveEngine } from '../engine/server.ts';
import { isRunning } from '../supervisor/process-identity.ts';
import type { AwsPort } from './aws-port.ts';
import { serveAwsPort } from './aws-server.ts';
import { sleep } from './backoff.ts';
import { type DiskWatch, watchDisk } from './disk-watch.ts';
import { openEmbeddedPlace } from './embedded-place.ts';
import { type Facilities, openFacilities } from './facilities.ts';
import { fileSystemOf } from './file-system.ts';
import { createForgeries, type Forgeries } from './forgeries.ts';
import { type Call, createCall, type Loaded, loadFunctions } from './functions.ts';
import { type EndedBy, type Guard, openGuard } from './guard.ts';
import { trackCalls } from './in-hand.ts';
import { createInvoke } from './invoke.ts';
import { ensureLocalFacility, localFacility, slotsOf } from './local-facility.ts';
import { changedMachines, ensureMachines, queuesFedBy } from './machines.ts';
import { createPause, type Pause } from './pause.ts';
import type { Place, PlaceOptions } from './place.ts';
import { addressable, ensureQueues, queuesOf } from './queues.ts';
import { limitsOf, watchQuota } from './quota.ts';
import { recall } from './recall.ts';
import { planeRoutes } from './routes.ts';
import { announceEnds } from './settle.ts';
import { type OpenStack, stackOf } from './stack-keeping.ts';
import { type Sealing, startTaking } from './taking.ts';
import type { Taking } from './triggers.ts';

/** What a plane runs: data of the catalogue, and where the code it names lies. */
export type Program = {
  readonly catalog: Readonly<Record<string, CatalogEntry>>;
  readonly machines: Readonly<Record<string, Plane>>;
  /** Folder of `<area>/<name>.fn.ts`. */
  readonly functionsFolder: URL;
  /** Folder of `<name>.asl.json`. */
  readonly machinesFolder: URL;
};

/** What a plane is opened with. The working directory is the data folder. */
export type PlaneOptions = {
  readonly plane: Plane;
  readonly program: Program;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly endedBy: EndedBy;
  /** Also opens Step Functions and SQS on a loopback port, for other people's clients. */
  readonly awsPort?: AwsPort;
};

/** What is known to be damaged in a plane's own files; a store that cannot be read is named by what reads it. */
const damageIn = async (
  store: Place['store'],
  { PAPILIO_STACK: stack }: Config,
): Promise<Pick<PlaneReport, 'damaged'>> => {
  if (stack !== undefined) return {};
  const damaged = await damageReportOf(store).catch(() => undefined);
  return damaged === undefined ? {} : { damaged };
};

/** A plane that works. */
export type OpenPlane = { readonly status: () => Promise<object>; readonly stop: () => Promise<void> };

const drainMs = 5_000;
const lastHeadMs = 2_000;

/** Waits for a promise, at most so long. */
const atMost = (clock: Clock, limitMs: number, promise: Promise<unknown>): Promise<void> =>
  new Promise((resolve) => {
    const cancel = clock.at(clock.nowMs() + limitMs, resolve);
    promise
      .then(
        () => undefined,
        () => undefined,
      )
      .finally(() => {
        cancel();
        resolve();
      });
  });

type Held = {
  readonly guard: Guard;
  readonly pause: Pause;
  readonly facilities: Facilities;
  readonly quota: Awaited<ReturnType<typeof watchQuota>>;
};

/** Opens what a plane has on its own disk, wherever it works. */
const hold = async (options: PlaneOptions): Promise<Held> => {
  const { plane, config, clock, log, endedBy } = options;
  const guard = openGuard({ folder: plane, endedBy, clock, log });
  const pause = createPause();
  const facilities = await openFacilities({ plane, config, clock, pause, log });
  const quota = await watchQuota({ folder: plane, limits: limitsOf(plane, config), pause, clock, log });
  return { guard, pause, facilities, quota };
};

/** What the placeholders of the plane's definitions name. */
const namesOf = async ({ plane, program, config }: PlaneOptions, { queueUrl }: Pick<Place, 'queueUrl'>) => {
  const { catalog } = program;
  const queues = addressable(plane, catalog, queuesOf(plane, catalog, [localFacility]));
  return {
    ...program,
    plane,
    region: config.PAPILIO_REGION,
    queues,
    queueUrl,
    machineArn: await embedded.machineArn(),
  };
};

/** Brings queues, state machines and the facility of this machine to what the code says. */
const ensure = async (options: PlaneOptions, place: Place, deps: Deps): Promise<void> => {
  const { plane, program, config } = options;
  await ensureQueues(place.sqs, plane, config.PAPILIO_REGION, queuesOf(plane, program.catalog, [localFacility]));
  await ensureMachines(place.sfn, program.machinesFolder, await namesOf(options, place));
  if (plane === 'work') await ensureLocalFacility(deps, slotsOf(config.PAPILIO_LOCAL_SLOTS));
};

/** Whether somebody has changed the plane's state machines, which is told. */
const areMachinesChanged = async (options: PlaneOptions, { place, forgeries }: Core): Promise<boolean> => {
  const names = await namesOf(options, place);
  const changed = await changedMachines(place.sfn, options.program.machinesFolder, names);
  for (const name of changed)
    await forgeries.changed(`state machine ${name}`, 'its definition was not papilio’s; it was put back');
  return changed.length > 0;
};

const serve = async (
  { plane, awsPort, clock, log }: PlaneOptions,
  place: Place,
  status: () => Promise<object>,
  closing: AbortSignal,
): Promise<EngineServer[]> => {
  const extraRoute = planeRoutes({ log: place.log, status, closing });
  const servers = [await serveEngine({ ...place.engineering, listen: { socketPath: `${plane}/sock` }, extraRoute })];
  const forAws = awsPort && (await serveAwsPort(awsPort, place.engineering, { clock, log }));
  return forAws === undefined ? servers : [...servers, forAws];
};

type Core = Held & {
  readonly place: Place;
  readonly forgeries: Forgeries;
  readonly call: Call;
  /** Resolves when no call is in hand any more; none begins from then on. */
  readonly drain: () => Promise<void>;
  readonly deps: PromiseWithResolvers<Deps>;
  readonly functions: PromiseWithResolvers<ReadonlyMap<string, Loaded>>;
};

/** Only a plane on a stack loads what that takes. */
const onStack = async (about: PlaceOptions, stack: OpenStack): Promise<Place> => {
  const { openStackPlace } = await import('./stack-place.ts');
  return openStackPlace(about, stack);
};

/** Opens the place. What its state machines have in hand waits for the functions, which themselves reach the place. */
const openCore = async (options: PlaneOptions): Promise<Core> => {
  const { plane, program, config, clock, log } = options;
  const held = await hold(options);
  const deps = Promise.withResolvers<Deps>();
  const functions = Promise.withResolvers<ReadonlyMap<string, Loaded>>();
  const { call, drain } = trackCalls(createCall({ functions: () => functions.promise, guard: held.guard, clock }));
  const { catalog, machines } = program;
  const stack = await stackOf(config);
  const about = { plane, catalog, machines, config, clock, log, invoke: createInvoke(call) };
  const place = stack === undefined ? await openEmbeddedPlace(about) : await onStack(about, stack);
  const forgeries = createForgeries(() => deps.promise);
  return { ...held, place, forgeries, call, drain, deps, functions };
};

const sealingOf = async (
  { plane, program }: PlaneOptions,
  { place: { seal }, forgeries: { hold } }: Core,
): Promise<Sealing | undefined> => {
  if (seal === undefined) return undefined;
  const { machinesFolder, machines } = program;
  return { seal, hold, fedByMachines: await queuesFedBy(machinesFolder, { plane, machines }) };
};

/** Gives the functions what they may reach, loads them, and starts what feeds them. */
const begin = async (options: PlaneOptions, core: Core): Promise<Taking> => {
  const { plane, program, config, clock, log } = options;
  const { place, facilities, call, guard, pause } = core;
  const { store, archive, outputs, aws } = place;
  const { batches } = facilities;
  const incomingFolder = 'incoming';
  const deps = await createDeps({ config, plane, clock, store, archive, outputs, batches, incomingFolder, aws, log });
  core.deps.resolve(deps);
  await ensure(options, place, deps);
  const { catalog, functionsFolder: folder } = program;
  core.functions.resolve(await loadFunctions({ plane, catalog, folder, deps: () => core.deps.promise }));
  for (const batch of batches.values()) announceEnds(batch, deps.queues, log);
  const sealing = await sealingOf(options, core);
  const taken = { plane, catalog, config, place, sealing, call: place.callFor(call), guard, pause, clock, log };
  const taking = startTaking(taken);
  const heal = async () => {
    await ensure(options, place, deps);
    const count = await recall(plane, deps);
    log.warn({ count }, 'messages are sent to the plane again');
  };
  const endWatch = await place.watch(heal, () => areMachinesChanged(options, core));
  return {
    stop: async () => {
      await Promise.all([endWatch(), taking.stop()]);
    },
  };
};

/** Watches whether the plane can write to its folder. */
const watchPlaneDisk = ({ plane, clock, log }: PlaneOptions, { place, quota }: Core): DiskWatch =>
  watchDisk({
    folder: plane,
    disk: nodeDisk,
    clock,
    log,
    journal: place.journal,
    fullReason: () => {
      const { isDiskFull, paused } = quota.space();
      return isDiskFull ? paused : undefined;
    },
    fileSystem: () => fileSystemOf(plane),
  });

const lockTries = 100;
const lockEveryMs = 100;

/** Takes the plane's folder; a plane of a supervisor that is gone has a few seconds to finish what it has in hand. */
const lockPlane = async ({ plane, clock }: PlaneOptions): Promise<() => Promise<void>> => {
  for (let tries = 1; ; tries++) {
    try {
      return await lockFolder(nodeDisk, plane, isRunning);
    } catch (error) {
      if (!(error instanceof FolderInUse)) throw error;
      if (tries === lockTries) throw new PapilioError('folder-in-use', error.message, error);
      await sleep(clock, lockEveryMs, new AbortController().signal);
    }
  }
};

/** Opens a plane: locks its folder, recovers, and starts to take work. */
export const openPlane = async (options: PlaneOptions): Promise<OpenPlane> => {
  const { plane, clock } = options;
  const startedAt = new Date(clock.nowMs()).toISOString();
  await mkdir(`${plane}/engine`, { recursive: true, mode: 0o700 });
  const unlock = await lockPlane(options);
  const core = await openCore(options);
  const { place, forgeries, facilities, guard, quota } = core;
  const closing = new AbortController();
  const disk = watchPlaneDisk(options, core);
  let audit: AuditKeeping | undefined;
  const status = async () => ({
    plane,
    pid: process.pid,
    build: options.config.PAPILIO_BUILD,
    node: process.version,
    startedAt,
    ...(await place.report()),
    quota: quota.space(),
    disk: await disk.report(),
    parked: guard.parked(),
    ...(await damageIn(place.store, options.config)),
    ...(forgeries.report().length > 0 && { forged: [...forgeries.report()] }),
    ...audit?.report(),
  });
  const servers = await serve(options, place, status, closing.signal);
  const taking = await begin(options, core);
  audit = await startAuditKeeping({ deps: await core.deps.promise, log: place.log });
  return {
    status,
    stop: async () => {
      place.refuseCalls();
      await atMost(clock, drainMs, Promise.all([taking.stop(), core.drain()]));
      // Last, so that a head covers all that was done; an anchor that does not respond holds nothing up.
      await atMost(clock, lastHeadMs, audit?.stop() ?? Promise.resolve());
      closing.abort();
      quota.close();
      disk.close();
      await Promise.all(servers.map((server) => server.close()));
      await facilities.close();
      await place.close();
      guard.close();
      await unlock();
    },
  };
};
