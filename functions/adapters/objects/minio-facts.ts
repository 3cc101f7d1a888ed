import type { IncomingHttpHeaders } from 'node:http';
import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import type { ObjectFacts } from '#ports/objects';
import { StoredFacts } from './facts.ts';

/** What S3 keeps of an object: its facts, which put made it, and which version it is. */
export type Stored = {
  readonly facts: ObjectFacts;
  readonly putId: string | undefined;
  readonly versionId: string | undefined;
};

const adlerHeader = 'x-amz-meta-papilio-adler32';
const putHeader = 'x-amz-meta-papilio-put';
const crcHeader = 'x-amz-checksum-crc32c';
const crcBytes = 4;

/** Asks S3 for the checksum that it keeps. */
export const withChecksum = { 'x-amz-checksum-mode': 'ENABLED' } as const;

/** A checksum as S3 writes it. */
export const crcInBase64 = (checksumCrc32c: string): string => Buffer.from(checksumCrc32c, 'hex').toString('base64');

/** Has S3 compare what it gets with a checksum, and keep that. */
export const crcHeaders = (checksumCrc32c: string) => ({ [crcHeader]: crcInBase64(checksumCrc32c) });

/** What S3 keeps with an object besides its checksum. */
export const metaHeaders = (checksumAdler32: string, putId: string) => ({
  [adlerHeader]: checksumAdler32,
  [putHeader]: putId,
});

/** The checksum of a whole object; of one that was put in parts S3 may know only that of its parts, which says nothing here. */
const crcIn = (text: string): string => {
  const bytes = Buffer.from(text, 'base64');
  return text.includes('-') || bytes.length !== crcBytes ? '' : bytes.toString('hex');
};

const Headers = z.object({
  'content-length': z.coerce.number().int().min(0),
  [adlerHeader]: z.string().default(''),
  [putHeader]: z.string().optional(),
  [crcHeader]: z.string().default(''),
  'x-amz-version-id': z.string().optional(),
});

/** Reads what S3 says of an object. @throws object-corrupt if papilio did not put it */
export const storedIn = (key: string, headers: IncomingHttpHeaders): Stored => {
  const of = Headers.parse(headers);
  const facts = StoredFacts.safeParse({
    sizeBytes: of['content-length'],
    checksumAdler32: of[adlerHeader],
    checksumCrc32c: crcIn(of[crcHeader]),
  });
  if (!facts.success)
    throw new PapilioError('object-corrupt', `${key}: no checksums are kept with it, papilio did not put it`);
  return { facts: facts.data, putId: of[putHeader], versionId: of['x-amz-version-id'] };
};
