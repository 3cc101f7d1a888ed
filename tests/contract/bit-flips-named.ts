import { expect } from 'vitest';
import { type FileKind, fileKinds, flipsOf, type lookWith } from '../builders/bit-flips.ts';

/** Flips one bit for each seed in files of a kind: each flip is named, or everything is read as it was written. */
export const expectFlipsNamed = async (
  of: Parameters<typeof lookWith>[0],
  kind: FileKind,
  seeds: number,
): Promise<void> => {
  let named = 0;
  for await (const flip of flipsOf(of, kind, seeds)) {
    const where = `${flip.file} byte ${flip.at}`;
    if (flip.named.length > 0) named += 1;
    else expect([where, flip.less, flip.refused]).toEqual([where, [], []]);
    expect([where, flip.untrue]).toEqual([where, []]);
  }
  if (fileKinds[kind].isAlwaysNamed) expect(named).toBe(seeds);
};
