import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Delivery } from './bridge.ts';
import { recordedText } from './recording.ts';

/** A recording that is being written. */
export type Recorder = AsyncDisposable & {
  /** Writes what a source delivers, until it ends or so many messages are recorded; returns how many were. */
  readonly record: (source: AsyncIterable<readonly Delivery[]>, most?: number) => Promise<number>;
};

/** Begins or goes on with a recording. Throws `EEXIST` if there is one already and it is not to be gone on with. */
export const openRecorder = async (path: string, isAppended: boolean, now: () => Date): Promise<Recorder> => {
  const file = await open(path, isAppended ? 'a+' : 'ax+', 0o644);
  await endLastLine(file);
  await syncFolder(dirname(path));
  const write = async (deliveries: readonly Delivery[]): Promise<void> => {
    const receivedAt = now().toISOString();
    await file.appendFile(deliveries.map(({ frame }) => `${recordedText(frame, receivedAt)}\n`).join(''));
    await file.datasync();
    for (const { acknowledge } of deliveries) await acknowledge();
  };
  return {
    record: async (source, most = Number.POSITIVE_INFINITY) => {
      let recorded = 0;
      for await (const deliveries of source) {
        const wanted = deliveries.slice(0, most - recorded);
        await write(wanted);
        recorded += wanted.length;
        // What is not acknowledged goes back to the broker.
        if (recorded >= most) break;
      }
      return recorded;
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
};

/** A kill may have cut the last line; its message was not acknowledged. */
const endLastLine = async (file: FileHandle): Promise<void> => {
  const { size } = await file.stat();
  if (size === 0) return;
  const { buffer } = await file.read({ buffer: Buffer.alloc(1), position: size - 1 });
  if (buffer.toString() !== '\n') await file.appendFile('\n');
};

/** A new file is safe when its folder is. */
const syncFolder = async (path: string): Promise<void> => {
  await using folder = await open(path, 'r');
  await folder.sync();
};
