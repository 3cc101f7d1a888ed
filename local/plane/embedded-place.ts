import { resolve } from 'node:path';
import type { Config } from '#lib/config';
import { embedded } from '#lib/deps';
import { createIds } from '#lib/ids';
import { nodeDisk } from '#lib/node-disk';
import { shelveStfs } from '#lib/shelve-stfs';
import type { Objects } from '#ports/objects';
import type { Store } from '#ports/store';
import { accounts, type Plane } from '../../functions/catalog.ts';
import { type Engine, openEngine } from '../engine/engine.ts';
import { folderObjects } from '../engine/folder-objects.ts';
import { folderS3 } from '../engine/integrations/folder-s3.ts';
import { createIntegrations } from '../engine/integrations/integrations.ts';
import { enginePages } from '../engine/pages.ts';
import type { TracingOptions } from '../engine/tracing/tracing.ts';
import type { Courier } from '../events/courier.ts';
import { localOptionsOf, openLocalServices } from '../events/options.ts';
import { isRunning } from '../supervisor/process-identity.ts';
import { awsOf, clientsOf, peersOf } from './aws.ts';
import { ExecutionLogWriter } from './execution-log.ts';
import type { Place, PlaceOptions, PlaceReport } from './place.ts';
import { readOnlyDisk } from './read-only-disk.ts';
import { watchStore } from './store-watch.ts';

const queueBaseUrl = 'http://sqs.papilio';

/** Payloads run elsewhere, so their paths are absolute; each plane writes its own objects and only reads the other's. */
const openObjects = async (owner: Plane, reader: Plane): Promise<Objects> => {
  const open = await embedded.diskObjects();
  return open({ folder: resolve(owner, 'objects'), disk: owner === reader ? nodeDisk : readOnlyDisk(nodeDisk) });
};

/** Both planes tell the same collector, each under its own name. */
const tracingOf = (plane: Plane, config: Config): TracingOptions | undefined => {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: ratio } = config;
  return endpoint === undefined ? undefined : { endpoint, headers: {}, serviceName: `papilio-${plane}`, ratio };
};

type Running = { readonly engine: Engine; readonly courier: Courier | undefined };

/** What the engine has in hand waits for the functions, which themselves reach the engine. */
const startEngine = async (
  { plane, config, clock, log, invoke }: PlaceOptions,
  executions: ExecutionLogWriter,
): Promise<Running> => {
  const onLost = (reason: string) => log.warn({ reason }, 'delivery given up');
  const local = await openLocalServices(localOptionsOf(config), clock, onLost);
  const objects = folderObjects(`${plane}/buckets`);
  const engine = await openEngine({
    folder: `${plane}/engine`,
    account: accounts[plane],
    region: config.PAPILIO_REGION,
    clock,
    queueBaseUrl,
    invoke,
    isHeld: isRunning,
    objects,
    onExecution: executions.note,
    services: (asking) => createIntegrations({}, asking, () => ({ s3: folderS3(objects), ...local.services(asking) })),
    remote: peersOf(plane),
    tracing: tracingOf(plane, config),
  });
  await executions.begin(engine);
  return { engine, courier: local.start({ call: engine.call, account: accounts[plane] }) };
};

const reportOf = (engine: Engine, { waiting: eventsWaiting }: ExecutionLogWriter): PlaceReport => {
  const { queues: depths, journal, compaction, executions } = engine.stats();
  const queues = Object.entries(depths).map(([name, { ready, inFlight, delayed }]) => [
    name,
    { visible: ready, inFlight, delayed },
  ]);
  return {
    runningExecutions: executions.running,
    eventsWaiting,
    queues: Object.fromEntries(queues),
    health: { journal, compaction },
  };
};

/** Indexes the STFs of earlier versions beside all other work; after a failure the next start does it. */
const startShelving = (store: Store, { plane, config, clock, log }: PlaceOptions) => {
  let isStopped = plane !== 'work';
  const ids = createIds(config.PAPILIO_INSTANCE, config.PAPILIO_WING, config.PAPILIO_EPOCH);
  const running = isStopped
    ? Promise.resolve()
    : shelveStfs({ store, ids, clock, isStopped: () => isStopped }).then(
        (count) => count > 0 && log.info({ count }, 'STFs of an earlier version indexed by state'),
        (error: unknown) => log.warn({ error: String(error) }, 'STFs of an earlier version not indexed yet'),
      );
  return {
    stop: async () => {
      isStopped = true;
      await running;
    },
  };
};

/** A place without a cloud: an engine of the plane's own, its store in one file, its objects in a folder. */
export const openEmbeddedPlace = async (options: PlaceOptions): Promise<Place> => {
  const { plane, config, clock } = options;
  const openStore = await embedded.sqliteStore();
  const { store: opened, log } = await openStore({
    path: `${plane}/store.db`,
    clock,
    onSealed: ({ problem }) => {
      if (problem !== undefined) options.log.warn(problem, 'events not sealed');
    },
  });
  const { store, trouble } = watchStore(opened, clock);
  const executions = new ExecutionLogWriter({ ...options, store, events: log });
  const shelving = startShelving(store, options);
  const { engine, courier } = await startEngine(options, executions);
  const aws = awsOf(plane, config.PAPILIO_REGION, engine.call);
  const { sqs, sfn } = clientsOf(aws);
  return {
    store,
    log,
    archive: await openObjects('archive', plane),
    outputs: await openObjects('work', plane),
    aws: { queues: aws, machines: aws },
    sfn,
    sqs,
    sqsFor: () => sqs,
    queueUrl: await embedded.queueUrl(),
    engineering: { call: engine.call, pages: enginePages(engine) },
    callFor: (inPlane) => inPlane,
    // What its engine has in hand is issued again by the next start.
    refuseCalls: () => undefined,
    // Its journal and its store are its own, and durable.
    watch: async () => async () => undefined,
    journal: () => engine.stats().journal,
    report: async () => {
      const failing = trouble();
      return { ...reportOf(engine, executions), ...(failing && { store: failing }) };
    },
    close: async () => {
      await courier?.close();
      await executions.close();
      await engine.close();
      await shelving.stop();
      await store.close();
    },
  };
};
