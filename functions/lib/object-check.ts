import { PapilioError } from './errors.ts';
import { resumeChecksums } from './model/checksum.ts';
import type { ObjectFacts, Objects } from './ports/objects.ts';
import type { DamageFound, ObjectReading } from './schema/damage.ts';

/** An object as its record describes it. */
export type Expected = ObjectFacts & { readonly objectKey: string };

/** Either how far the reading has come, or its end: `found` is undefined if every byte is right. */
export type Checked = { readonly readBytes: number } & (
  | { readonly reading: ObjectReading }
  | { readonly found: DamageFound | undefined }
);

const pieceBytes = 1_000_000;
/** Errors of a disk about bytes that it has lost; all others are about the disk being away. */
const lossCodes: ReadonlySet<unknown> = new Set(['EIO', 'EBADMSG', 'EUCLEAN', 'EILSEQ']);

/** Size and checksums in one line. */
export const shownFacts = ({ sizeBytes, checksumAdler32, checksumCrc32c }: ObjectFacts): string =>
  `${sizeBytes} bytes, Adler-32 ${checksumAdler32}, CRC-32C ${checksumCrc32c}`;

const areSame = (a: ObjectFacts, b: ObjectFacts): boolean =>
  a.sizeBytes === b.sizeBytes && a.checksumAdler32 === b.checksumAdler32 && a.checksumCrc32c === b.checksumCrc32c;

const isLoss = (cause: unknown): boolean => cause instanceof Error && 'code' in cause && lossCodes.has(cause.code);

/** What an error of the objects means for the object; whatever is not about its bytes is thrown again. */
const problemOf = (thrown: unknown): Pick<DamageFound, 'problem' | 'found'> => {
  if (thrown instanceof PapilioError) {
    if (thrown.code === 'object-missing') return { problem: 'missing', found: 'no such file' };
    if (thrown.code === 'object-corrupt') return { problem: 'facts', found: thrown.reason };
    if (isLoss(thrown.cause)) return { problem: 'unreadable', found: thrown.reason };
  }
  throw thrown;
};

/** Compares the size and checksums that lie beside an object with its record. */
const factsFault = async (objects: Pick<Objects, 'stat'>, expected: Expected): Promise<DamageFound | undefined> => {
  const facts = await objects.stat(expected.objectKey);
  if (facts !== undefined && areSame(facts, expected)) return undefined;
  const found = facts === undefined ? 'no size and checksums beside it' : `${shownFacts(facts)} beside it`;
  return { problem: 'facts', expected: shownFacts(expected), found };
};

const judge = (expected: Expected, found: ObjectFacts): DamageFound | undefined => {
  if (areSame(expected, found)) return undefined;
  const problem = expected.sizeBytes === found.sizeBytes ? 'checksum' : 'size';
  return { problem, expected: shownFacts(expected), found: shownFacts(found) };
};

const beginOf = (expected: Expected, before: ObjectReading | undefined): ObjectReading =>
  before?.objectKey === expected.objectKey
    ? before
    : { objectKey: expected.objectKey, sizeBytes: 0, adler32: 1, crc32c: 0 };

const readOn = async (
  objects: Pick<Objects, 'readStored' | 'stat'>,
  expected: Expected,
  { before, budgetBytes }: { readonly before: ObjectReading | undefined; readonly budgetBytes: number },
): Promise<Checked> => {
  const begin = beginOf(expected, before);
  const checksums = resumeChecksums(begin);
  const { objectKey } = expected;
  for (let at = begin.sizeBytes; ; at = checksums.state().sizeBytes) {
    const piece = await objects.readStored(objectKey, at, at + pieceBytes);
    checksums.update(piece);
    const readBytes = at + piece.length - begin.sizeBytes;
    const isEnd = piece.length < pieceBytes || at + piece.length > expected.sizeBytes;
    if (isEnd) {
      const { sizeBytes, adler32: checksumAdler32, crc32c: checksumCrc32c } = checksums.digest();
      const found = judge(expected, { sizeBytes, checksumAdler32, checksumCrc32c });
      return { readBytes, found: found ?? (await factsFault(objects, expected)) };
    }
    if (readBytes >= budgetBytes) return { readBytes, reading: { objectKey, ...checksums.state() } };
  }
};

/**
 * Reads an object on from where an earlier slice ended, about `budgetBytes` further, and at its end compares size and both
 * checksums with its record. Memory is one piece. @throws whatever is not about the object's bytes
 */
export const checkObject = async (
  objects: Pick<Objects, 'readStored' | 'stat'>,
  expected: Expected,
  slice: { readonly before?: ObjectReading | undefined; readonly budgetBytes: number },
): Promise<Checked> => {
  try {
    return await readOn(objects, expected, { before: slice.before, budgetBytes: slice.budgetBytes });
  } catch (thrown) {
    return { readBytes: 0, found: { expected: shownFacts(expected), ...problemOf(thrown) } };
  }
};
