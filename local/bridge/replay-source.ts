import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '#lib/config';
import type { Delivery } from '../../clients/bridge/bridge.ts';
import { createPacer } from '../../clients/bridge/pacer.ts';
import { type Pace, type RecordedLine, readRecording } from '../../clients/bridge/recording.ts';
import { withFile } from '../sim/daq/replay-files.ts';
import type { ReplayOptions } from './options.ts';
import type { Patience } from './patience.ts';
import { type Position, readPosition, writePosition } from './position.ts';

/** Lines that are sent together when nothing paces them. */
const groupMax = 10;
const bytesPerMb = 1_000_000;

type ReplayInput = { readonly options: ReplayOptions; readonly config: Config; readonly patiently: Patience };

async function* linesInGroups(lines: AsyncIterable<RecordedLine>, size: number): AsyncGenerator<RecordedLine[]> {
  let group: RecordedLine[] = [];
  for await (const line of lines) {
    group.push(line);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** Plays a recording, with its STF files, from where an earlier bridge left off. */
export async function* replaySource({ options, config, patiently }: ReplayInput): AsyncGenerator<Delivery[]> {
  const pace: Pace = options.speed === 'max' ? 'max' : options.pace;
  const dueMsOf = createPacer(options.speed === 'max' ? 1 : options.speed);
  const startedMs = performance.now();
  const files = {
    folder: 'incoming',
    sizeBytes: options['stf-size'] * bytesPerMb,
    seed: options.seed,
    tfsPerStf: config.PAPILIO_TFS_PER_STF,
    bxPerTf: config.PAPILIO_BX_PER_TF,
  };
  const keep = (position: Position) => patiently(() => writePosition(position));
  const { next } = await readPosition(options.replay);
  const groups = linesInGroups(readRecording(options.replay, next, pace), pace === 'max' ? groupMax : 1);
  for await (const group of groups) {
    const bodies: { readonly line: RecordedLine; readonly body: string }[] = [];
    for (const line of group) bodies.push({ line, body: await patiently(() => withFile(line.frame.body, files)) });
    const dueMs = Math.max(...group.map((line) => (pace === 'max' ? 0 : dueMsOf(line.atS))));
    const waitMs = startedMs + dueMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    const last = group.at(-1)?.line ?? 0;
    yield bodies.map(({ line, body }) => ({
      frame: { destination: line.frame.destination, body },
      acknowledge: async () => {
        if (line.line === last) await keep({ file: options.replay, next: last + 1, isDone: false });
      },
    }));
  }
  await keep({ ...(await readPosition(options.replay)), isDone: true });
}
