import type { Readable } from 'node:stream';
import type { Clock } from '#ports/clock';
import { lineSplitter } from './line-splitter.ts';

/** An instance that writes more than this in a window waits for the next: its log must not cost the others their time. */
const windowMs = 100;
const windowBytes = 400_000;

/** What an instance writes to its standard output and error. */
export type Output = {
  /** Tells what has no end of line and stops reading, whoever still holds the other end. */
  readonly close: () => void;
};

/** Reads both streams line by line, at a bounded rate: who writes more is slowed down by the full pipe. */
export const readOutput = (streams: readonly Readable[], clock: Clock, tell: (line: string) => void): Output => {
  let readBytes = 0;
  let cancel: (() => void) | undefined;
  const goOn = () => {
    cancel = undefined;
    readBytes = 0;
    for (const stream of streams) stream.resume();
  };
  const count = (sizeBytes: number) => {
    readBytes += sizeBytes;
    cancel ??= clock.at(clock.nowMs() + windowMs, goOn);
    if (readBytes > windowBytes) for (const stream of streams) stream.pause();
  };
  const splitters = streams.map((stream) => {
    const splitter = lineSplitter(tell);
    stream.on('data', (chunk: Buffer) => {
      splitter.write(chunk);
      count(chunk.length);
    });
    stream.on('error', () => undefined);
    return splitter;
  });
  return {
    close: () => {
      cancel?.();
      for (const stream of streams) stream.destroy();
      for (const splitter of splitters) splitter.flush();
    },
  };
};
