import { PapilioError } from '#lib/errors';
import { type BxNumbering, type BxPlace, tfsOfBx } from '#lib/model/bx-places';
import { BX_PER_TF } from '#lib/model/tf-range';
import type { E1Data, TfBytes, TfHolding } from '#ports/e1-data';
import type { Objects } from '#ports/objects';
import type { TfRange } from '#schema/tf';
import { loadActs } from './acts.ts';
import { createHoldings, type Holdings } from './holdings.ts';
import { partKey, readTfIn } from './run-parts.ts';
import { createWrites } from './writes.ts';

/** What E1 data are kept with. */
type E1Options = {
  /** Whatever puts once: a disk, memory, an object store. Nobody else writes into it. */
  readonly objects: Objects;
  /** UTC stamp of an act. */
  readonly now: () => string;
  /** The medium's own lock on an object, where it has one. */
  readonly lock?: (key: string) => Promise<void>;
  readonly close?: () => Promise<void>;
  /** Where the BXs a TF of runs are known from; without it every run has the nominal ones. */
  readonly bxNumbering?: BxNumbering;
};

const nominal: BxNumbering = { values: async () => [BX_PER_TF], bxPerTfOf: async () => BX_PER_TF };

const createReads = (objects: Objects, holdings: Holdings) => {
  const readTf = async (tf: bigint): Promise<Uint8Array> => readTfIn(objects, (await holdings.needPiece(tf)).part, tf);

  const read = async function* (range: TfRange): AsyncGenerator<TfBytes> {
    for (const { part, tfFirst, tfEnd } of await holdings.piecesIn(range)) {
      for (let tf = tfFirst; tf < tfEnd; tf++) yield { tf, bytes: await readTfIn(objects, part, tf) };
    }
  };

  const list = async function* (range: TfRange): AsyncGenerator<TfHolding> {
    for (const piece of await holdings.piecesIn(range)) yield holdings.shown(piece);
  };

  const verify = async (range: TfRange): Promise<TfHolding[]> => {
    const all: TfHolding[] = [];
    for (const piece of await holdings.piecesIn(range)) {
      const holding = await holdings.shown(piece);
      const found = await objects.verify(partKey(piece.part));
      if (found.checksumCrc32c !== holding.checksumCrc32c || found.checksumAdler32 !== holding.checksumAdler32)
        throw new PapilioError('object-corrupt', `${partKey(piece.part)}: it is not what the ledger says was written`);
      all.push(holding);
    }
    return all;
  };

  return { readTf, read, list, verify };
};

/** Returns the TF of a crossing; of several that are possible the one that is given out. @throws tf-missing bx-ambiguous */
const heldTfOf = async (bx: bigint, places: readonly BxPlace[], holdings: Holdings): Promise<bigint> => {
  const [first, ...others] = places;
  if (first === undefined) throw new PapilioError('tf-missing', `BX ${bx} is in no TF by the numbering of any run`);
  if (others.length === 0) return first.tf;
  const pieces = await Promise.all(places.map(({ tf }) => holdings.pieceOf(tf)));
  const held = places.filter((_, at) => pieces[at] !== undefined);
  if (held.length > 1)
    throw new PapilioError(
      'bx-ambiguous',
      `BX ${bx} is in a TF of each of the runs ${held.map(({ run }) => run).join(', ')}`,
    );
  return (held[0] ?? first).tf;
};

/** E1 data over a store of objects that puts once: `docs/adr/0019-e1-data-over-objects.md`. */
export const openE1Data = async ({ objects, now, lock, close, bxNumbering = nominal }: E1Options): Promise<E1Data> => {
  const holdings = createHoldings(objects, await loadActs(objects));
  const reads = createReads(objects, holdings);
  return {
    ...createWrites({ objects, holdings, now, lock: async (key) => lock?.(key) }),
    ...reads,
    readBx: async (bx) => {
      const tf = await heldTfOf(bx, await tfsOfBx(bx, bxNumbering), holdings);
      return { tf, bytes: await reads.readTf(tf) };
    },
    stat: async (tf) => {
      const piece = await holdings.pieceOf(tf);
      return piece && holdings.shown({ ...piece, tfFirst: piece.part.tfFirst, tfEnd: piece.part.tfEnd });
    },
    protect: async (range) => {
      for (const { part } of await holdings.piecesIn(range)) await lock?.(partKey(part));
    },
    acts: () => [...holdings.acts],
    close: async () => close?.(),
  };
};
