import type { Config } from '#lib/config';
import { embedded } from '#lib/deps';
import { nodeDisk } from '#lib/node-disk';
import type { Clock } from '#ports/clock';
import type { Surroundings } from '../../functions/api/surroundings.ts';
import type { Plane } from '../../functions/catalog.ts';
import { readOnlyDisk } from '../plane/read-only-disk.ts';
import { type OpenStack, openStackBuckets, openStackStore, stackAccess, stackOf } from '../plane/stack-keeping.ts';
import { createPlaneEngines, createStackEngines } from './plane-engines.ts';
import { createPlanePeer } from './plane-peer.ts';
import { createPlaneQueues, type PlaneQueues } from './plane-queues.ts';
import { createPlaneRecords, sqliteRecords } from './plane-records.ts';

/** The planes as the front reaches them: reports, engines, queues, records, and the objects of both. */
export type Reach = Pick<Surroundings, 'peers' | 'engines' | 'records' | 'archive' | 'outputs'> & {
  readonly queues: PlaneQueues;
  readonly close: () => Promise<void>;
};

/** A person waits: a plane that does not take a command in this time is away. */
const answerWithinMs = 1_500;
/** What a stack is asked goes over three processes more, some of which are slow to start. */
const stackAnswersWithinMs = 10_000;

/** Planes with an engine, a store and objects of their own, in the working directory. */
const reachOwn = async (config: Config, clock: Clock): Promise<Reach> => {
  const { records, close } = createPlaneRecords(sqliteRecords(clock));
  const openObjects = await embedded.diskObjects();
  return {
    peers: { archive: createPlanePeer('archive'), work: createPlanePeer('work') },
    engines: createPlaneEngines(),
    records,
    archive: await openObjects({ folder: 'archive/objects', disk: readOnlyDisk(nodeDisk) }),
    outputs: await openObjects({ folder: 'work/objects', disk: readOnlyDisk(nodeDisk) }),
    queues: await createPlaneQueues(config.PAPILIO_REGION, answerWithinMs),
    close,
  };
};

/** Planes on a stack: the services have endpoints of their own, the planes still tell of themselves over their sockets. */
const reachStack = async (stack: OpenStack, clock: Clock): Promise<Reach> => {
  const { records, close } = createPlaneRecords((plane) => openStackStore(stack, plane, { clock, isOwner: false }));
  const createQueues = await embedded.sqsQueues();
  const queuesOf = (plane: Plane) =>
    createQueues({ ...stackAccess(stack, plane).queues, maxAttempts: 1, answerWithinMs: stackAnswersWithinMs }, plane);
  const { archive, outputs, close: closeBuckets } = await openStackBuckets(stack, clock);
  return {
    peers: {
      archive: createPlanePeer('archive', stackAnswersWithinMs),
      work: createPlanePeer('work', stackAnswersWithinMs),
    },
    engines: createStackEngines(stack),
    records,
    archive,
    outputs,
    queues: { archive: queuesOf('archive'), work: queuesOf('work') },
    close: async () => {
      await close();
      closeBuckets();
    },
  };
};

/** Reaches the planes where they work. @throws config-invalid, folder-foreign, store-unavailable */
export const reachPlanes = async (config: Config, clock: Clock): Promise<Reach> => {
  const stack = await stackOf(config);
  return stack === undefined ? reachOwn(config, clock) : reachStack(stack, clock);
};
