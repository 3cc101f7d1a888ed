/** What a careless broker and a careless sender do to a stream of messages: pure, and the same for a seed. */
import { draw, type Random, randomOf } from './generator-random.ts';

/** A message on its way. */
type Framed = { readonly body: string; readonly destination: string };

/** How much is disturbed: shares of the frames, 0 to 1. */
export type Disturbance = {
  readonly seed: number;
  /** Sent once more. */
  readonly duplicates: number;
  /** Come up to `reorderWindow` places too early or too late. */
  readonly reordered: number;
  /** Do not come in their place and are redelivered later, at the latest behind all others. */
  readonly lost: number;
  /** Frames that nobody should have sent, added beside the good ones. */
  readonly poison: number;
};

/** Places that a reordered frame moves at most. */
export const reorderWindow = 20;

type Placed<T> = { readonly at: number; readonly frame: T };

/**
 * Disturbs a stream of frames. Each good frame still comes at least once and unchanged, so a receiver that is right ends
 * where it would have ended without. O(n log n).
 */
export const disturb = <T extends Framed>(frames: readonly T[], options: Disturbance): T[] => {
  const random = randomOf(options.seed % 2 ** 32, Math.floor(options.seed / 2 ** 32), frames.length);
  const good = frames.flatMap((frame, index) =>
    placesOf(index, frames.length, options, random).map((at) => ({ at, frame })),
  );
  const bad = Array.from({ length: Math.ceil(frames.length * options.poison) }, (_, index): Placed<T>[] => {
    const model = frames[Math.floor(share(random) * frames.length)];
    if (model === undefined) return [];
    return [{ at: share(random) * frames.length, frame: { ...model, body: poisonOf(index, model.body, random) } }];
  });
  return [...good, ...bad.flat()].toSorted((a, b) => a.at - b.at).map(({ frame }) => frame);
};

/** 0 ≤ share < 1. */
const share = (random: Random): number => draw(random) / 2 ** 32;

/** Where a frame comes: once, or twice. */
const placesOf = (index: number, count: number, options: Disturbance, random: Random): number[] => {
  const shift = share(random) < options.reordered ? (2 * share(random) - 1) * reorderWindow : 0;
  const isLost = share(random) < options.lost;
  const at = isLost ? index + 1 + share(random) * (count - index) : index + shift;
  if (share(random) >= options.duplicates) return [at];
  return [at, at + share(random) * 2 * reorderWindow];
};

type Poison = (body: string, random: Random) => string;

const nestingDepth = 5_000;
const aNumber = (random: Random): number => draw(random) % 1_000_000;
const anStf = (random: Random, fields: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({
    msg_type: 'stf_gen',
    run_id: 1,
    timestamp: '2026-11-24T06:00:00.000000',
    note: draw(random),
    ...fields,
  });

/** Kinds of poison; none of them can be read as a message of the DAQ. */
const poisons: readonly Poison[] = [
  // broken JSON
  (body, random) => `${body.slice(0, 1 + Math.floor(share(random) * (body.length - 2)))} …${aNumber(random)}`,
  // no JSON at all
  (_, random) => `\u0000\uFFFD<xml>${aNumber(random)}</xml>`,
  // wrong types
  (_, random) => anStf(random, { run_id: 'one', filename: ['swf.1.000001.stf'], size: '5' }),
  // looks legal, and no such number can be
  (_, random) => anStf(random, { filename: `swf.1.${String(100_000_000 + aNumber(random))}.stf` }),
  (_, random) => anStf(random, { run_id: 100_000_000 + aNumber(random), filename: 'swf.100000000.000001.stf' }),
  // no such month
  (_, random) => anStf(random, { filename: 'swf.1.000001.stf', timestamp: '2026-13-24T06:00:00.000000' }),
  // deep
  (_, random) => `${'{"a":'.repeat(nestingDepth)}${aNumber(random)}${'}'.repeat(nestingDepth)}`,
  // nobody's message
  (_, random) => JSON.stringify({ msg_type: `coffee_${aNumber(random)}` }),
];

/** Kinds take turns, so that a few poison frames show several. */
const poisonOf = (index: number, body: string, random: Random): string => {
  const poison = poisons[(index + draw(random)) % poisons.length];
  return poison === undefined ? body : poison(body, random);
};
