import type { Clock } from '#ports/clock';
import type { Disk, DiskFile } from '#ports/disk';
import { hasCode, stateOnError } from './disk.ts';
import { type FrameBuffer, frameBuffer } from './framing.ts';
import { segmentPath } from './segment.ts';

/** Records that go to the medium together. */
export type Group = {
  readonly segment: number;
  readonly offsetBytes: number;
  records: number;
  readonly buffer: FrameBuffer;
  readonly done: PromiseWithResolvers<void>;
  /** Resolved when a write has failed while this group was under way or waited. */
  readonly held: PromiseWithResolvers<void>;
};

/** Whether the journal can write: `full` heals by itself when space returns. */
export type JournalHealth =
  | { readonly state: 'ok' }
  | { readonly state: 'full' | 'failing'; readonly sinceAt: string; readonly error: string };

const retryAfterMs = 1000;
const keptBufferBytes = 2 ** 22;

/** Writes groups one after the other, each with one sync, again and again until it is on the medium. */
export type GroupWriter = {
  readonly write: (group: Group) => Promise<void>;
  readonly health: () => JournalHealth;
  /** An empty buffer, a used one if there is one. */
  readonly buffer: () => FrameBuffer;
  /** Ends a wait for space: from now on a group that cannot be written fails. */
  readonly giveUp: () => void;
  readonly close: () => Promise<void>;
};

/** Opens the writer; `onSegment` is told when the first group of a new segment is durable. */
export function openGroupWriter(options: {
  readonly disk: Disk;
  readonly folder: string;
  readonly clock: Clock;
  readonly onSegment: (segment: number) => void;
  /** Told of each try that failed. */
  readonly onHold: () => void;
}): GroupWriter {
  const { disk, folder, clock } = options;
  const spare: FrameBuffer[] = [];
  let health: JournalHealth = { state: 'ok' };
  let open: { segment: number; file: DiskFile; isNamed: boolean } | undefined;
  let wakeUp: (() => void) | undefined;
  let isClosed = false;
  const openFile = segmentOpener(disk, folder);

  const fileFor = async (group: Group) => {
    if (open?.segment === group.segment) return open;
    const before = open;
    open = undefined;
    await before?.file.close();
    open = { segment: group.segment, file: await openFile(group), isNamed: group.offsetBytes > 0 };
    return open;
  };

  const tryOnce = async (group: Group) => {
    const target = await fileFor(group);
    await target.file.write(group.buffer.bytes.subarray(0, group.buffer.usedBytes), group.offsetBytes);
    await target.file.sync();
    if (target.isNamed) return;
    await disk.syncFolder(folder);
    target.isNamed = true;
    options.onSegment(group.segment);
  };

  const pause = () =>
    new Promise<void>((resolve) => {
      const cancel = clock.at(clock.nowMs() + retryAfterMs, resolve);
      wakeUp = () => {
        cancel();
        resolve();
      };
    });

  const write = async (group: Group): Promise<void> => {
    for (;;) {
      try {
        // The same bytes at the same offset: a half-written try is overwritten, never followed.
        await tryOnce(group);
        health = { state: 'ok' };
        if (group.buffer.bytes.length <= keptBufferBytes) spare.push(group.buffer);
        return group.done.resolve();
      } catch (error) {
        health = unwell(health, error, clock.nowMs());
        options.onHold();
        if (isClosed) return group.done.reject(new Error('the journal closed before it could write', { cause: error }));
        await pause();
      }
    }
  };

  return {
    write,
    health: () => health,
    buffer: () => {
      const buffer = spare.pop() ?? frameBuffer();
      buffer.usedBytes = 0;
      return buffer;
    },
    giveUp: () => {
      isClosed = true;
      wakeUp?.();
    },
    close: async () => {
      const before = open;
      open = undefined;
      await before?.file.close();
    },
  };
}

/** A new segment must not be there yet, unless from a try that failed after it had made the file. */
function segmentOpener(disk: Disk, folder: string): (group: Group) => Promise<DiskFile> {
  let begun: number | undefined;
  return async ({ segment, offsetBytes }) => {
    const path = segmentPath(folder, segment);
    if (offsetBytes > 0) return disk.open(path, 'r+');
    try {
      return await disk.open(path, begun === segment ? 'w' : 'wx');
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) begun = segment;
      throw error;
    }
  };
}

function unwell(before: JournalHealth, error: unknown, nowMs: number): JournalHealth {
  return {
    state: stateOnError(error),
    sinceAt: before.state === 'ok' ? new Date(nowMs).toISOString() : before.sinceAt,
    error: error instanceof Error ? error.message : String(error),
  };
}
