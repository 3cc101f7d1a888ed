import type { SFNClient } from '@aws-sdk/client-sfn';
import { commit } from '#lib/change';
import { readConfig } from '#lib/config';
import { createDeps, type Deps } from '#lib/deps';
import { PapilioError } from '#lib/errors';
import { silentLog } from '#lib/log';
import { facilities } from '#lib/records';
import type { Item, Key, Store } from '#ports/store';
import type { Event } from '#schema/event';
import type { Facility } from '#schema/facility';
import { machineArn } from '../../functions/adapters/machines/sfn.ts';
import { queueUrl } from '../../functions/adapters/queues/sqs.ts';
import { createMemoryStore } from '../../functions/adapters/store/memory.ts';
import { accounts, catalog, machines, type Plane } from '../../functions/catalog.ts';
import { noServices } from '../../local/engine/integrations/integrations.ts';
import type { Journal } from '../../local/engine/part.ts';
import { createParts, type Parts } from '../../local/engine/parts.ts';
import type { Call as EngineCall } from '../../local/engine/protocol.ts';
import { createRequestHandler, noSigning, type Route } from '../../local/engine/request-handler.ts';
import { clientsOf } from '../../local/plane/aws.ts';
import { type Call, createCall, type Loaded, loadFunctions } from '../../local/plane/functions.ts';
import { createInvoke } from '../../local/plane/invoke.ts';
import { localFacility } from '../../local/plane/local-facility.ts';
import { ensureMachines } from '../../local/plane/machines.ts';
import { createPause } from '../../local/plane/pause.ts';
import { addressable, ensureQueues, queuesOf } from '../../local/plane/queues.ts';
import { announceEnds } from '../../local/plane/settle.ts';
import { startTaking } from '../../local/plane/taking.ts';
import { noted } from './a-call-tally.ts';
import { noteCall, storeCalls } from './call-names.ts';
import { checkedEngine } from './checked-turns.ts';
import type { World } from './memory-house-world.ts';
import { memoryJournal } from './memory-journal.ts';

/** A plane with its engine, of which nothing is on a disk. */
export type MemoryPlane = {
  readonly deps: Deps;
  /** Its state machines, as anyone's client asks them. */
  readonly sfn: SFNClient;
  /** Nothing is queued, in hand or running. */
  readonly isAtRest: () => boolean;
  /** Messages that nobody could deal with. */
  readonly deadLetters: () => number;
  /** Every record, by key. */
  readonly records: () => Promise<readonly Item[]>;
  /** Every event, in the order of the log. */
  readonly events: () => Promise<readonly Event[]>;
  readonly close: () => void;
};

/** The engine of a plane and the way to its functions, which come later. */
export type MemoryEngine = {
  readonly plane: Plane;
  readonly parts: Parts;
  readonly route: Route;
  readonly functions: PromiseWithResolvers<ReadonlyMap<string, Loaded>>;
  readonly call: Call;
};

const region = 'us-east-1';
const root = new URL('../../', import.meta.url);
/** The same on every machine; few slots, so that jobs wait for one. */
const facilityOfTests: Omit<Facility, 'id'> = {
  name: localFacility,
  kind: 'local',
  isOnline: true,
  queues: [{ name: 'default', slots: 8, coresPerSlot: 1, memoryMbPerSlot: 2_000, isOnline: true }],
};
const guard = {
  goesAlone: () => false,
  run: <T>(_name: string, _ids: readonly string[], call: () => Promise<T>) => call(),
  parked: () => [],
  close: () => undefined,
};

/** Opens the engine of a plane. `isLost` says whether the answer of a function that has done its work gets lost. */
export const aMemoryEngine = (plane: Plane, { clock, tally }: World, isLost: () => boolean): MemoryEngine => {
  const functions = Promise.withResolvers<ReadonlyMap<string, Loaded>>();
  const run = createCall({ functions: () => functions.promise, guard, clock });
  const call: Call = async (name, payload, ids) => {
    tally.by('services', () => tally.note(`invoke ${name}`));
    const answer = await tally.by(name, () => run(name, payload, ids));
    if (isLost()) throw new PapilioError('plane-unavailable', `the answer of ${name} is lost in this test`);
    return answer;
  };
  const memory = memoryJournal();
  const journal: Journal = {
    ...memory,
    append: (part, record) => {
      clock.busy();
      return memory.append(part, record);
    },
  };
  const engineCall: EngineCall = async (service, operation, input, signal) => {
    clock.busy();
    const run = parts[service].operations[operation];
    if (run === undefined) throw new RangeError(`no operation ${operation}`);
    const answer = await run(input, signal);
    noteCall(tally, `${service} ${operation}`, input, answer);
    return answer;
  };
  const identity = { account: accounts[plane], region, queueBaseUrl: 'http://sqs.papilio' };
  const parts = createParts({
    identity,
    journal: checkedEngine(identity, clock)(journal, () => parts),
    clock,
    invoke: createInvoke(call),
    sendMessage: (input) => tally.by('state machines', () => engineCall('sqs', 'SendMessage', input)),
    callService: noServices,
  });
  parts.sqs.resume();
  parts.sfn.resume();
  return { plane, parts, route: { call: engineCall }, functions, call };
};

/** A store that remembers which keys were written, so that all records can be shown. */
const aShownStore = ({ clock, tally }: World): { store: Store } & Pick<MemoryPlane, 'records' | 'events'> => {
  const memory = createMemoryStore({ clock });
  const store = noted(memory.store, tally, storeCalls);
  const keys = new Map<string, Key>();
  const note = (written: readonly Key[]): void => {
    clock.busy();
    for (const { pk, sk } of written) keys.set(`${sk} ${pk}`, { pk, sk });
  };
  return {
    store: {
      ...store,
      get: (key) => {
        clock.busy();
        return store.get(key);
      },
      transact: (transaction) => {
        note(transaction.writes);
        return store.transact(transaction);
      },
      putMany: (items) => {
        note(items);
        return store.putMany(items);
      },
    },
    records: async () => (await store.getMany([...keys.values()])).filter((item) => item !== undefined),
    events: () => memory.log.read(0, Number.MAX_SAFE_INTEGER),
  };
};

/** Brings a plane to life: its queues, machines, functions, and what feeds them, as the real one does. */
export const aMemoryPlane = async (
  { plane, parts, functions, call }: MemoryEngine,
  engines: readonly MemoryEngine[],
  world: World,
  environment: Readonly<Record<string, string>>,
): Promise<MemoryPlane> => {
  const { clock, archive, outputs, facility, incoming } = world;
  const config = readConfig({ PAPILIO_INSTANCE: 'test', PAPILIO_BUILD: 'test', ...environment });
  const routes = Object.fromEntries(engines.map((engine) => [accounts[engine.plane], engine.route]));
  const requestHandler = createRequestHandler({ routes, defaultAccount: accounts[plane] });
  const aws = { ...noSigning, region, requestHandler };
  const clients = clientsOf(aws);
  const { store, records, events } = aShownStore(world);
  const batches = new Map([[localFacility, facility]]);
  const surroundings = { config, plane, clock, store, archive, outputs, batches, incomingFolder: 'incoming' };
  const deps: Deps = {
    ...(await createDeps({ ...surroundings, aws: { queues: aws, machines: aws }, log: silentLog })),
    incoming,
  };
  const queues = queuesOf(plane, catalog, [localFacility]);
  await ensureQueues(clients.sqs, plane, region, queues);
  const names = { plane, region, catalog, machines, queues: addressable(plane, catalog, queues), queueUrl, machineArn };
  await ensureMachines(clients.sfn, new URL('statemachines/', root), names);
  if (plane === 'work') {
    const id = deps.ids.of('facility', localFacility);
    await commit(deps, [], [facilities.put(id, { id, ...facilityOfTests }, 0)]);
    announceEnds(facility, deps.queues, silentLog);
  }
  functions.resolve(
    await loadFunctions({ plane, catalog, folder: new URL('functions/', root), deps: async () => deps }),
  );
  const pause = createPause();
  const taking = startTaking({
    plane,
    catalog,
    config,
    place: { sqsFor: () => clients.sqs, queueUrl },
    call,
    guard,
    pause,
    clock,
    log: silentLog,
  });
  const depths = () => Object.entries(parts.sqs.depths());
  return {
    deps,
    sfn: clients.sfn,
    records,
    events,
    isAtRest: () =>
      parts.sfn.stats().running === 0 &&
      depths().every(
        ([name, { ready, inFlight, delayed }]) => name.endsWith('-dlq') || ready + inFlight + delayed === 0,
      ),
    deadLetters: () => depths().reduce((sum, [name, { ready }]) => sum + (name.endsWith('-dlq') ? ready : 0), 0),
    close: () => {
      void taking.stop();
      parts.sfn.close();
      parts.sqs.close();
      requestHandler.destroy();
    },
  };
};
