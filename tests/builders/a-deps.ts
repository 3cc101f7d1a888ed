import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { readConfig } from '#lib/config';
import type { Deps } from '#lib/deps';
import { createIds } from '#lib/ids';
import { silentLog } from '#lib/log';
import type { EventLog } from '#ports/event-log';
import type { Event } from '#schema/event';
import { needBatch } from '../../functions/adapters/batch/registry.ts';
import { openIncoming } from '../../functions/adapters/incoming/folder.ts';
import { createMemoryObjects } from '../../functions/adapters/objects/memory.ts';
import { createMemoryStore } from '../../functions/adapters/store/memory.ts';
import { type MemoryMachines, type MemoryQueues, memoryMachines, memoryQueues } from './a-deps-ports.ts';
import { type FakeClock, fakeClock } from './fake-clock.ts';
import { type MemoryBatch, memoryBatch } from './memory-batch.ts';

/** All that a function may reach, in memory, with what a test wants to look at. */
export type TestDeps = Deps & {
  readonly clock: FakeClock;
  readonly queues: MemoryQueues;
  readonly machines: MemoryMachines;
  /** The facility `local`. */
  readonly facility: MemoryBatch;
  readonly eventLog: EventLog;
  readonly events: () => Promise<readonly Event[]>;
};

type Overrides = Partial<Omit<TestDeps, 'config'>> & {
  readonly environment?: Readonly<Record<string, string>>;
  readonly slots?: number;
};

/** A plane in memory with a clock that the test turns; its folders go with the test. */
export const aDeps = ({ environment = {}, slots, ...overrides }: Overrides = {}): TestDeps => {
  const folder = mkdtempSync(join(tmpdir(), 'papilio-deps-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'incoming'));
  const clock = overrides.clock ?? fakeClock();
  const { store, log: eventLog } = createMemoryStore({ clock });
  const config = readConfig({ PAPILIO_INSTANCE: 'test', ...environment });
  const facility = overrides.facility ?? memoryBatch(join(folder, 'jobs'), slots);
  return {
    config,
    plane: 'work',
    store,
    archive: createMemoryObjects({ disk: { readFile } }),
    outputs: createMemoryObjects({ disk: { readFile } }),
    incoming: openIncoming(join(folder, 'incoming')),
    queues: memoryQueues(),
    machines: memoryMachines(),
    facility,
    batch: needBatch(new Map([['local', facility]])),
    clock,
    now: () => new Date(clock.nowMs()).toISOString(),
    ids: createIds(config.PAPILIO_INSTANCE, config.PAPILIO_WING, config.PAPILIO_EPOCH),
    log: silentLog,
    eventLog,
    events: () => eventLog.read(0, 1000),
    ...overrides,
  };
};

/** The types of all events, in order. */
export const eventTypes = async (deps: TestDeps): Promise<string[]> => (await deps.events()).map(({ type }) => type);

/** Messages of a queue as Lambda's event source hands them over. */
export const aQueueEvent = (bodies: Readonly<Record<string, unknown>>) => ({
  Records: Object.entries(bodies).map(([messageId, body]) => ({
    messageId,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })),
});

/** Lambda's context, as far as papilio reads it. */
export const aContext = (awsRequestId = 'request-1') => ({ awsRequestId });
