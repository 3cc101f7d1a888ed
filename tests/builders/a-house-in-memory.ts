import { type Delivery, runBridge } from '../../clients/bridge/bridge.ts';
import type { Frame } from '../../clients/bridge/envelope.ts';
import type { Plane } from '../../functions/catalog.ts';
import { sleep } from '../../local/plane/backoff.ts';
import { aMemoryEngine, aMemoryPlane, type MemoryEngine, type MemoryPlane } from './memory-house-plane.ts';
import { aWorld, type World } from './memory-house-world.ts';
import { aRandom } from './random.ts';

/** Whether frames are sent all together; how many a group has at most, and how long the bridge rests between two. */
type Playing = { readonly together?: boolean; readonly groupMax?: number; readonly gapLongestMs?: number };

/** Both planes with all their functions and machines, fed by the bridge, in memory and in a time of their own. */
export type HouseInMemory = Disposable & {
  readonly world: World;
  readonly planes: Readonly<Record<Plane, MemoryPlane>>;
  /** Sends frames through the bridge, in groups by chance or all together, and waits until everything has come to its end. */
  readonly play: (frames: readonly Frame[], how?: Playing) => Promise<void>;
};

type HouseOptions = {
  /** Decides how frames come together, how fast, and how long payloads take. */
  readonly seed: number;
  /** Files that DAQ has left, by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** STFs at which the payload fails, by name. */
  readonly failing?: ReadonlySet<string>;
  /** How long a payload takes at most. */
  readonly payloadLongestMs?: number;
  /** Share of the functions' answers that get lost when the work is done. */
  readonly answersLost?: number;
  readonly environment?: Readonly<Record<string, string>>;
};

const never = new AbortController().signal;
/** A stream of some minutes has come to its end by then, or never will. */
const longestMs = 3_600_000;

/** Opens a house: `using house = await aHouseInMemory(…)` closes it with its block. */
export const aHouseInMemory = async ({
  seed,
  files,
  failing = new Set(),
  answersLost = 0,
  payloadLongestMs,
  environment = {},
}: HouseOptions): Promise<HouseInMemory> => {
  const random = aRandom(seed);
  const world = aWorld({ random, failing, payloadLongestMs });
  const { clock } = world;
  for (const [name, bytes] of files) world.files.set(world.incoming.path(name), bytes);
  const isLost = () => random() < answersLost;
  const engines = [aMemoryEngine('archive', world, isLost), aMemoryEngine('work', world, isLost)];
  const [archive, work] = await Promise.all(engines.map((engine) => aMemoryPlane(engine, engines, world, environment)));
  if (archive === undefined || work === undefined) throw new RangeError('a house has two planes');
  const planes = { archive, work };

  async function* source(frames: readonly Frame[], how: Playing): AsyncGenerator<Delivery[]> {
    const { together = false, groupMax = 10, gapLongestMs = 500 } = how;
    for (let first = 0; first < frames.length; ) {
      const end = together ? frames.length : first + 1 + Math.floor(random() * groupMax);
      yield frames.slice(first, end).map((frame) => ({ frame, acknowledge: async () => undefined }));
      first = end;
      await sleep(clock, random() * gapLongestMs, never);
    }
  }
  const isAtRest = () => Object.values(planes).every((plane) => plane.isAtRest());
  const bridge = (frames: readonly Frame[], how: Playing) =>
    runBridge({
      source: source(frames, how),
      send: archive.deps.queues.send,
      idOf: archive.deps.ids.message,
      now: archive.deps.now,
      pause: (tries) => sleep(clock, tries * 100, never),
      onTrouble: () => undefined,
    });
  return {
    world,
    planes,
    play: async (frames, how = {}) => {
      let isSent = false;
      const sending = world.tally
        .by('bridge', () => bridge(frames, how))
        .finally(() => {
          isSent = true;
        });
      const untilMs = clock.nowMs() + longestMs;
      for (await clock.idle(); !isSent || !isAtRest(); await clock.idle()) {
        if (clock.nowMs() > untilMs) throw new RangeError(`no rest: ${JSON.stringify(engines.map(busyIn))}`);
        await clock.next();
      }
      await sending;
    },
    [Symbol.dispose]: () => {
      for (const plane of Object.values(planes)) plane.close();
      world[Symbol.dispose]();
    },
  };
};

const busyIn = ({ plane, parts }: MemoryEngine) => ({ plane, ...parts.sfn.stats(), queues: parts.sqs.depths() });
