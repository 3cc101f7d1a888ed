import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { type Checksums, createChecksums } from '#lib/model/checksum';
import type { ObjectFacts } from '#ports/objects';

const Hex32 = z.string().regex(/^[0-9a-f]{8}$/);

/** An object's facts as they lie beside it. */
export const StoredFacts = z.object({ sizeBytes: z.int().min(0), checksumAdler32: Hex32, checksumCrc32c: Hex32 });

/** What checksums say of the bytes they have seen. */
export const factsFrom = (checksums: Checksums): ObjectFacts => {
  const { sizeBytes, adler32, crc32c } = checksums.digest();
  return { sizeBytes, checksumAdler32: adler32, checksumCrc32c: crc32c };
};

/** The facts of bytes in memory. */
export const factsOf = (bytes: Uint8Array): ObjectFacts => {
  const checksums = createChecksums();
  checksums.update(bytes);
  return factsFrom(checksums);
};

/** Facts in one line, for messages. */
export const shownFacts = (facts: Partial<ObjectFacts>): string => {
  const { sizeBytes, checksumAdler32, checksumCrc32c } = facts;
  const parts = [
    sizeBytes === undefined ? '' : `${sizeBytes} bytes`,
    checksumAdler32 === undefined ? '' : `Adler-32 ${checksumAdler32}`,
    checksumCrc32c === undefined ? '' : `CRC-32C ${checksumCrc32c}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
};

/** Whether everything that `expected` says is so. */
export const isSameContent = (expected: Partial<ObjectFacts>, found: ObjectFacts): boolean =>
  (expected.sizeBytes ?? found.sizeBytes) === found.sizeBytes &&
  (expected.checksumAdler32 ?? found.checksumAdler32) === found.checksumAdler32 &&
  (expected.checksumCrc32c ?? found.checksumCrc32c) === found.checksumCrc32c;

/** @throws object-corrupt naming the object and both checksums. */
export const needSameContent = (key: string, expected: Partial<ObjectFacts>, found: ObjectFacts): void => {
  if (isSameContent(expected, found)) return;
  throw new PapilioError('object-corrupt', `${key}: expected ${shownFacts(expected)}, found ${shownFacts(found)}`);
};

/** The error of a second put with other content. */
export const existsWithOther = (key: string, existing: ObjectFacts, offered: ObjectFacts): PapilioError =>
  new PapilioError('object-exists', `${key}: has ${shownFacts(existing)}, offered ${shownFacts(offered)}`);
