import { PapilioError } from '#lib/errors';
import { placeOf } from '#lib/model/tf-range';
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
};

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

/** E1 data over a store of objects that puts once: `docs/adr/0019-e1-data-over-objects.md`. */
export const openE1Data = async ({ objects, now, lock, close }: E1Options): Promise<E1Data> => {
  const holdings = createHoldings(objects, await loadActs(objects));
  const reads = createReads(objects, holdings);
  return {
    ...createWrites({ objects, holdings, now, lock: async (key) => lock?.(key) }),
    ...reads,
    readBx: async (bx) => {
      const { tf } = placeOf(bx);
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
