import { mkdir } from 'node:fs/promises';
import type { Config } from '#lib/config';
import { createDeps, type Deps, embedded } from '#lib/deps';
import type { Log } from '#lib/log';
import type { Clock } from '#ports/clock';
import { accounts, type CatalogEntry, type Plane } from '../../functions/catalog.ts';
import { nodeDisk } from '../engine/disk.ts';
import { type Engine, openEngine } from '../engine/engine.ts';
import { folderObjects } from '../engine/folder-objects.ts';
import { folderS3 } from '../engine/integrations/folder-s3.ts';
import { createIntegrations } from '../engine/integrations/integrations.ts';
import { FolderInUse, lockFolder } from '../engine/lock.ts';
import { enginePages } from '../engine/pages.ts';
import { type EngineServer, serveEngine } from '../engine/server.ts';
import type { TracingOptions } from '../engine/tracing/tracing.ts';
import type { Courier } from '../events/courier.ts';
import { localOptionsOf, openLocalServices } from '../events/options.ts';
import { isRunning } from '../supervisor/process-identity.ts';
import { awsOf, clientsOf, peersOf } from './aws.ts';
import { sleep } from './backoff.ts';
import { type Call, createCall, type Loaded, loadFunctions } from './functions.ts';
import { type EndedBy, type Guard, openGuard } from './guard.ts';
import { trackCalls } from './in-hand.ts';
import { createInvoke } from './invoke.ts';
import { ensureLocalFacility, localFacility, slotsOf } from './local-facility.ts';
import { ensureMachines } from './machines.ts';
import { openParts, type Parts } from './parts.ts';
import { createPause, type Pause } from './pause.ts';
import { addressable, ensureQueues, queuesOf } from './queues.ts';
import { limitsOf, watchQuota } from './quota.ts';
import { planeRoutes } from './routes.ts';
import { announceEnds } from './settle.ts';
import { startTaking } from './taking.ts';
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
  /** Also opens Step Functions and SQS on this loopback port, for other people's clients. */
  readonly awsPort?: number;
};

/** A plane that works. */
export type OpenPlane = { readonly status: () => object; readonly stop: () => Promise<void> };

const queueBaseUrl = 'http://sqs.papilio';
const drainMs = 5_000;

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
  readonly parts: Parts;
  readonly quota: Awaited<ReturnType<typeof watchQuota>>;
};

/** Opens what lies on the disk. */
const hold = async (options: PlaneOptions): Promise<Held> => {
  const { plane, config, clock, log, endedBy } = options;
  const guard = openGuard({ folder: plane, endedBy, clock, log });
  const pause = createPause();
  const parts = await openParts({ plane, config, clock, pause, logger: log });
  const quota = await watchQuota({ folder: plane, limits: limitsOf(plane, config), pause, clock, log });
  return { guard, pause, parts, quota };
};

/** Brings queues, state machines and the facility of this machine to what the code says. */
const ensure = async (options: PlaneOptions, clients: ReturnType<typeof clientsOf>, deps: Deps): Promise<void> => {
  const { plane, program, config } = options;
  const region = config.PAPILIO_REGION;
  const queues = queuesOf(plane, program.catalog, [localFacility]);
  await ensureQueues(clients.sqs, plane, region, queues);
  const [queueUrl, machineArn] = await Promise.all([embedded.queueUrl(), embedded.machineArn()]);
  const addresses = addressable(plane, program.catalog, queues);
  const names = { ...program, plane, region, queues: addresses, queueUrl, machineArn };
  await ensureMachines(clients.sfn, program.machinesFolder, names);
  if (plane === 'work') await ensureLocalFacility(deps, slotsOf(config.PAPILIO_LOCAL_SLOTS));
};

const serve = async (
  options: PlaneOptions,
  engine: Engine,
  parts: Parts,
  status: () => object,
  closing: AbortSignal,
): Promise<EngineServer[]> => {
  const { plane, awsPort } = options;
  const extraRoute = planeRoutes({ log: parts.log, status, closing });
  const pages = enginePages(engine);
  const { call } = engine;
  const servers = [await serveEngine({ call, listen: { socketPath: `${plane}/sock` }, pages, extraRoute })];
  if (awsPort !== undefined) servers.push(await serveEngine({ call, listen: { port: awsPort }, pages }));
  return servers;
};

type Core = Held & {
  readonly engine: Engine;
  readonly courier: Courier | undefined;
  readonly call: Call;
  /** Resolves when no call is in hand any more; none begins from then on. */
  readonly drain: () => Promise<void>;
  readonly deps: PromiseWithResolvers<Deps>;
  readonly functions: PromiseWithResolvers<ReadonlyMap<string, Loaded>>;
};

/** Both planes tell the same collector, each under its own name. */
const tracingOf = (plane: Plane, config: PlaneOptions['config']): TracingOptions | undefined => {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: ratio } = config;
  return endpoint === undefined ? undefined : { endpoint, headers: {}, serviceName: `papilio-${plane}`, ratio };
};

/** Opens the engine. What it has in hand waits for the functions, which themselves reach the engine. */
const openCore = async (options: PlaneOptions): Promise<Core> => {
  const { plane, config, clock, log } = options;
  const onLost = (reason: string) => log.warn({ reason }, 'delivery given up');
  const local = await openLocalServices(localOptionsOf(config), clock, onLost);
  const held = await hold(options);
  const deps = Promise.withResolvers<Deps>();
  const functions = Promise.withResolvers<ReadonlyMap<string, Loaded>>();
  const { call, drain } = trackCalls(createCall({ functions: () => functions.promise, guard: held.guard, clock }));
  const objects = folderObjects(`${plane}/buckets`);
  const engine = await openEngine({
    folder: `${plane}/engine`,
    account: accounts[plane],
    region: config.PAPILIO_REGION,
    clock,
    queueBaseUrl,
    invoke: createInvoke(call),
    isHeld: isRunning,
    objects,
    services: (asking) => createIntegrations({}, asking, () => ({ s3: folderS3(objects), ...local.services(asking) })),
    remote: peersOf(plane),
    tracing: tracingOf(plane, config),
  });
  const courier = local.start({ call: engine.call, account: accounts[plane] });
  return { ...held, engine, courier, call, drain, deps, functions };
};

/** Gives the functions what they may reach, loads them, and starts what feeds them. */
const begin = async (options: PlaneOptions, core: Core): Promise<Taking> => {
  const { plane, program, config, clock, log } = options;
  const { parts, engine, call, guard, pause } = core;
  const aws = awsOf(plane, config.PAPILIO_REGION, engine.call);
  const clients = clientsOf(aws);
  const { store, archive, outputs, batches } = parts;
  const incomingFolder = 'incoming';
  const deps = await createDeps({ config, plane, clock, store, archive, outputs, batches, incomingFolder, aws, log });
  core.deps.resolve(deps);
  await ensure(options, clients, deps);
  const { catalog, functionsFolder: folder } = program;
  core.functions.resolve(await loadFunctions({ plane, catalog, folder, deps: () => core.deps.promise }));
  for (const batch of batches.values()) announceEnds(batch, deps.queues, log);
  return startTaking({ plane, catalog, config, sqs: clients.sqs, call, guard, pause, clock, log });
};

const lockTries = 100;
const lockEveryMs = 100;

/** Takes the plane's folder; a plane of a supervisor that is gone has a few seconds to finish what it has in hand. */
const lockPlane = async ({ plane, clock }: PlaneOptions): Promise<() => Promise<void>> => {
  for (let tries = 1; ; tries++) {
    try {
      return await lockFolder(nodeDisk, plane, isRunning);
    } catch (error) {
      if (!(error instanceof FolderInUse) || tries === lockTries) throw error;
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
  const { engine, parts, guard, quota } = core;
  const closing = new AbortController();
  const status = () => ({
    plane,
    pid: process.pid,
    build: options.config.PAPILIO_BUILD,
    node: process.version,
    startedAt,
    ...statusOf(engine),
    quota: quota.space(),
    parked: guard.parked(),
  });
  const servers = await serve(options, engine, parts, status, closing.signal);
  const taking = await begin(options, core);
  return {
    status,
    stop: async () => {
      await atMost(clock, drainMs, Promise.all([taking.stop(), core.drain()]));
      closing.abort();
      quota.close();
      await Promise.all(servers.map((server) => server.close()));
      await core.courier?.close();
      await engine.close();
      await parts.close();
      guard.close();
      await unlock();
    },
  };
};

const statusOf = (engine: Engine) => {
  const { queues: depths, journal, compaction, executions } = engine.stats();
  const queues = Object.entries(depths).map(([name, { ready, inFlight, delayed }]) => [
    name,
    { visible: ready, inFlight, delayed },
  ]);
  return { runningExecutions: executions.running, queues: Object.fromEntries(queues), health: { journal, compaction } };
};
