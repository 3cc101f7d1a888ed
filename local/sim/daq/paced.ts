import { setTimeout as sleep } from 'node:timers/promises';
import type { Frame } from '../../../clients/bridge/envelope.ts';
import { createPacer } from '../../../clients/bridge/pacer.ts';
import { type ReplayFiles, withFile } from './replay-files.ts';
import type { SimFrame } from './run-frames.ts';

/** Messages that are sent together when nothing paces them. */
const groupMax = 10;

/** Makes the files of messages and gives the messages out when they are due. */
export async function* paced(
  frames: readonly SimFrame[],
  speed: number | 'max',
  files: ReplayFiles,
): AsyncGenerator<readonly Frame[]> {
  const size = speed === 'max' ? groupMax : 1;
  const dueMsOf = createPacer(speed === 'max' ? 1 : speed);
  const startedMs = performance.now();
  for (let at = 0; at < frames.length; at += size) {
    const group: Frame[] = [];
    for (const { destination, body } of frames.slice(at, at + size))
      group.push({ destination, body: await withFile(body, files) });
    const waitMs = speed === 'max' ? 0 : startedMs + dueMsOf(frames[at]?.tick) - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    yield group;
  }
}
