import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PapilioError } from '#lib/errors';
import type { AttemptStatus, Batch, Submission } from '#ports/batch';
import type { AttemptEnd, PayloadInput } from '#schema/job';

/** A facility whose payloads run only on paper: the test says how each of them ends. */
export type MemoryBatch = Batch & {
  /** Every submission that started an attempt, in order. */
  readonly accepted: Submission[];
  /** The further inputs of an attempt, as its list names them. */
  readonly listedOf: (attemptId: string) => readonly PayloadInput[];
  readonly released: string[];
  /** Ends an attempt, with the files that it leaves by relative path. */
  readonly finish: (attemptId: string, end?: Partial<AttemptEnd>, files?: Readonly<Record<string, string>>) => void;
  /** While set, the facility takes nothing. */
  isDown: boolean;
};

const endedAt = '2026-01-01T00:01:00.000Z';

const collected = async (inputs: AsyncIterable<PayloadInput>): Promise<PayloadInput[]> => {
  const all: PayloadInput[] = [];
  for await (const input of inputs) all.push(input);
  return all;
};

/** Makes a facility on paper; outputs lie under `folder`. */
export const memoryBatch = (folder: string, slots = 1000): MemoryBatch => {
  const statuses = new Map<string, AttemptStatus>();
  const lists = new Map<string, readonly PayloadInput[]>();
  const watchers: ((status: AttemptStatus) => void)[] = [];
  const statusOf = (attemptId: string): AttemptStatus => statuses.get(attemptId) ?? { attemptId, state: 'unknown' };
  const reach = () => {
    if (batch.isDown) throw new PapilioError('facility-unavailable', 'down in this test');
  };
  const running = () => [...statuses.values()].filter(({ state }) => state === 'running').length;
  const turn = (status: AttemptStatus) => {
    statuses.set(status.attemptId, status);
    for (const watcher of watchers) watcher(status);
  };
  const start = (submission: Submission) => {
    const { attemptId } = submission;
    if (statuses.has(attemptId)) return;
    batch.accepted.push(submission);
    const isFree = running() < slots;
    const startedAt = '2026-01-01T00:00:00.000Z';
    turn(
      isFree ? { attemptId, state: 'running', handle: `h-${attemptId}`, startedAt } : { attemptId, state: 'queued' },
    );
  };
  const end = (attemptId: string, given: AttemptEnd) => {
    if (statusOf(attemptId).state === 'ended') return;
    turn({ attemptId, state: 'ended', handle: `h-${attemptId}`, end: given });
  };
  const batch: MemoryBatch = {
    accepted: [],
    released: [],
    listedOf: (attemptId) => lists.get(attemptId) ?? [],
    isDown: false,
    submit: async (submissions) => {
      reach();
      for (const { attemptId, listed } of submissions)
        if (listed && !lists.has(attemptId)) lists.set(attemptId, await collected(listed()));
      submissions.forEach(start);
      return submissions.map(({ attemptId }) => statusOf(attemptId));
    },
    status: async (attemptIds) => {
      reach();
      return attemptIds.map(statusOf);
    },
    cancel: async (attemptIds) => {
      for (const id of attemptIds) if (statuses.has(id)) end(id, { outcome: 'cancelled', endedAt });
    },
    log: async () => new Uint8Array(),
    probe: async () => ({ isOnline: !batch.isDown, slots, slotsFree: slots - running() }),
    outputPath: async (attemptId, relativePath) => {
      const path = join(folder, attemptId, relativePath);
      return existsSync(path) ? path : undefined;
    },
    release: async (attemptId) => {
      batch.released.push(attemptId);
      rmSync(join(folder, attemptId), { recursive: true, force: true });
    },
    unreleased: async (endedBefore) =>
      [...statuses.values()].flatMap((status) => {
        const isHeld = status.state === 'ended' && status.end.endedAt < endedBefore;
        return isHeld && !batch.released.includes(status.attemptId) ? [status.attemptId] : [];
      }),
    watch: (onChange) => watchers.push(onChange),
    close: async () => undefined,
    finish: (attemptId, given = {}, files = {}) => {
      for (const [name, text] of Object.entries(files)) {
        const path = join(folder, attemptId, name);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, text);
      }
      end(attemptId, { outcome: 'succeeded', exitCode: 0, endedAt, ...given });
    },
  };
  return batch;
};
