import { PapilioError } from '#lib/errors';
import type { E1Data } from '#ports/e1-data';
import type { Objects } from '#ports/objects';
import type { TfRange } from '#schema/tf';
import { recordAct } from './acts.ts';
import { actInWords, type Holdings } from './holdings.ts';
import { actAgainst, type Piece } from './live.ts';
import { encodePart, type Part, partOf, rangeFrom } from './part.ts';
import { enterLedger, factsOf, ledgerOf, partKey } from './run-parts.ts';

/** What writing needs. */
type Writing = {
  readonly objects: Objects;
  readonly holdings: Holdings;
  readonly now: () => string;
  readonly lock: (key: string) => Promise<void>;
};

/** Runs one piece of work after the other. */
const createTurns = () => {
  let tail: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const mine = tail.then(work, work);
    tail = mine;
    return mine;
  };
};

const shown = ({ tfFirst, tfEnd }: TfRange): string => `TFs ${tfFirst} to before ${tfEnd}`;

const isSame = (a: TfRange, b: TfRange): boolean => a.tfFirst === b.tfFirst && a.tfEnd === b.tfEnd;

/** Appends and acts, one after the other. Order: the bytes, the line in the ledger, the lock; only then the answer. */
export const createWrites = ({ objects, holdings, now, lock }: Writing): Pick<E1Data, 'append' | 'breakGlass'> => {
  const inTurn = createTurns();

  const keep = async (part: Part, bytes: Uint8Array) => {
    const { created, ...facts } = await objects.putBytes(partKey(part), bytes);
    await enterLedger(objects, part, facts);
    await lock(partKey(part));
    const { run, name, tfFirst, tfEnd } = part;
    return { run, name, tfFirst, tfEnd, ...facts, created };
  };

  /** The same again, which also brings back what somebody took away behind papilio's back. */
  const appendAgain = async (range: TfRange, piece: Piece, bytes: Uint8Array) => {
    const { part } = piece;
    const written = await ledgerOf(objects, part);
    const offered = factsOf(bytes);
    const isSameContent =
      written.checksumCrc32c === offered.checksumCrc32c && written.checksumAdler32 === offered.checksumAdler32;
    if (isSame(part, range) && isSame(piece, range) && isSameContent) return keep(part, bytes);
    throw new PapilioError(
      'tf-exists',
      `${shown(range)}: ${part.name} was written with CRC-32C ${written.checksumCrc32c}, offered ${offered.checksumCrc32c}`,
    );
  };

  const append: E1Data['append'] = (tfFirst, tfs) =>
    inTurn(async () => {
      const range = rangeFrom(tfFirst, tfs);
      const bytes = encodePart(tfFirst, tfs);
      const [held] = await holdings.piecesIn(range);
      if (held) return appendAgain(range, held, bytes);
      const against = actAgainst(range, holdings.acts);
      if (against)
        throw new PapilioError('tf-exists', `${shown(range)}: taken away for good by ${actInWords(against)}`);
      const part = partOf(range, holdings.acts.length);
      const kept = await keep(part, bytes);
      await holdings.add(part);
      return kept;
    });

  const breakGlass: E1Data['breakGlass'] = (act) =>
    inTurn(async () => {
      const known = holdings.acts.find(({ id }) => id === act.id);
      if (known) return known;
      const recorded = await recordAct(objects, { ...act, number: holdings.acts.length + 1, at: now() });
      await holdings.apply(recorded);
      return recorded;
    });

  return { append, breakGlass };
};
