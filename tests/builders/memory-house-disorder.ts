import type { Frame } from '../../clients/bridge/envelope.ts';
import { disturb } from '../../local/sim/daq/disturb.ts';
import { aHouseInMemory } from './a-house-in-memory.ts';
import { type Account, accountOf, differences, heldOf, poisonIn } from './memory-house-account.ts';
import { aStream, oddStfs, type Stream, streamEnvironment } from './memory-house-stream.ts';

/** A stream, and what a house ends with that gets it in order and once. */
export type CleanRun = { readonly stream: Stream; readonly account: Account };

/** What became of a stream that came in disorder. */
export type Disordered = {
  /** Where the final records and objects are not those of the clean run; empty if they are. */
  readonly differences: readonly string[];
  /** Poison messages, and those of them that are held in quarantine with a reason. */
  readonly poison: number;
  readonly held: number;
  /** Messages that no function could deal with. */
  readonly deadLetters: number;
};

const shares = { duplicates: 0.3, reordered: 0.3, lost: 0.1, poison: 0.01 } as const;
/** In every disordered run functions are called again besides, as after a crash: they had done their work, unheard. */
const answersLost = 0.1;

const aHouse = ({ files }: Stream, seed: number, lost: number) =>
  aHouseInMemory({
    seed,
    files,
    failing: new Set([oddStfs.failing]),
    answersLost: lost,
    environment: streamEnvironment,
  });

/** Plays the stream as it is. */
export const aCleanRun = async (): Promise<CleanRun> => {
  const stream = await aStream();
  using house = await aHouse(stream, 0, 0);
  await house.play(stream.frames);
  return { stream, account: await accountOf(house) };
};

/** Plays frames in place of a clean run's, and compares. */
export const comparedWith = async (
  { stream, account }: CleanRun,
  frames: readonly Frame[],
  seed: number,
): Promise<Disordered> => {
  using house = await aHouse(stream, seed, answersLost);
  await house.play(frames);
  const poison = poisonIn(frames, stream.frames, house);
  const held = await heldOf(house, poison);
  return {
    differences: differences(account, await accountOf(house, poison)),
    poison: poison.size,
    held: held.filter(({ problem }) => problem.reason !== '').length,
    deadLetters: house.planes.archive.deadLetters() + house.planes.work.deadLetters(),
  };
};

/** Plays a clean run's stream with duplicates, out of order, with losses and poison, and compares. */
export const disordered = (clean: CleanRun, seed: number): Promise<Disordered> =>
  comparedWith(clean, disturb(clean.stream.frames, { seed, ...shares }), seed);
