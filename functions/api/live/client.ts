import { Readable } from 'node:stream';
import type { LivePolicy } from './policy.ts';

/** One who listens: bytes go into its stream, and leave it as fast as the far end takes them. */
export type LiveClient = {
  readonly stream: Readable;
  readonly push: (bytes: Buffer) => void;
  /** Bytes that wait because the far end does not take them. */
  readonly backlogBytes: () => number;
  /** Whether anything was taken since the last time that this was asked, or nothing waits. */
  readonly isMoving: () => boolean;
  /** Resolves when hardly anything waits, or the client is gone. */
  readonly whenTaken: () => Promise<void>;
  /** Ends after what was pushed. */
  readonly end: () => void;
  /** Ends now; what waits is lost here, and asked for again by the last id. */
  readonly drop: () => void;
  readonly isOpen: () => boolean;
};

/** Makes a client; `onGone` is called once, however it ends. */
export const createLiveClient = ({ aheadBytes }: Pick<LivePolicy, 'aheadBytes'>, onGone: () => void): LiveClient => {
  let [pushed, takenBefore] = [0, 0];
  let isOpen = true;
  const waiting = new Set<() => void>();
  const look = (): void => {
    for (const each of [...waiting]) each();
  };
  // It is told before what it gives out has left it: the look comes after.
  const stream = new Readable({ highWaterMark: aheadBytes, read: () => queueMicrotask(look) });
  stream.once('close', () => {
    isOpen = false;
    look();
    onGone();
  });
  const backlogBytes = (): number => stream.readableLength;
  return {
    stream,
    backlogBytes,
    push: (bytes) => {
      if (!isOpen) return;
      pushed += bytes.length;
      stream.push(bytes);
    },
    isMoving: () => {
      const taken = pushed - backlogBytes();
      const isMoving = backlogBytes() === 0 || taken > takenBefore;
      takenBefore = taken;
      return isMoving;
    },
    whenTaken: () =>
      new Promise((resolve) => {
        const done = (): void => {
          if (isOpen && backlogBytes() > aheadBytes) return;
          waiting.delete(done);
          resolve();
        };
        waiting.add(done);
        done();
      }),
    end: () => {
      isOpen = false;
      stream.push(null);
      look();
    },
    drop: () => void stream.destroy(),
    isOpen: () => isOpen,
  };
};
