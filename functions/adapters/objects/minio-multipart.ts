import { text } from 'node:stream/consumers';
import type { ObjectFacts } from '#ports/objects';
import type { Bucket } from './minio-bucket.ts';
import { codeOf } from './minio-errors.ts';
import { crcHeaders, crcInBase64, metaHeaders } from './minio-facts.ts';
import { createParts, type SentPart } from './minio-parts.ts';
import type { Shelf } from './minio-shelf.ts';

/** S3 takes at most so many parts, and none below 5 MiB but the last. */
const partsMost = 10_000;
export const partLeastBytes = 5 * 1024 * 1024;

/** An object that is put in parts: nobody sees it before all are there. */
export type Upload = {
  readonly key: string;
  readonly sizeBytes: number;
  /** Kept with the object from the start, so what is sent must have it. */
  readonly checksumAdler32: string;
  readonly putId: string;
  /** Gives all bytes, in order, and their facts. @throws what must keep the object from becoming visible */
  readonly pass: (keep: (bytes: Uint8Array, offsetBytes: number) => Promise<void>) => Promise<ObjectFacts>;
};

/** The size of parts such that there are not too many of them. */
export const partSizeFor = (sizeBytes: number, wantedBytes: number): number =>
  Math.max(wantedBytes, Math.ceil(sizeBytes / partsMost));

const completeBody = (parts: readonly SentPart[]): string => {
  const lines = parts.map(
    ({ partNumber, etag, checksumCrc32c }) =>
      `<Part><PartNumber>${partNumber}</PartNumber><ETag>${etag}</ETag><ChecksumCRC32C>${crcInBase64(checksumCrc32c)}</ChecksumCRC32C></Part>`,
  );
  return `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${lines.join('')}</CompleteMultipartUpload>`;
};

/** S3 may begin an answer with 200 before it knows whether it is one. @throws the error in it */
const needCompleted = (answer: string): void => {
  const at = answer.indexOf('<Error>');
  const [, code] = at === -1 ? [] : (/<Code>([^<]+)<\/Code>/.exec(answer.slice(at)) ?? []);
  if (code === undefined) return;
  const [, message = ''] = /<Message>([^<]*)<\/Message>/.exec(answer) ?? [];
  throw Object.assign(new Error(message), { code });
};

/** Puts large objects in parts, each held against its checksum by S3, and the whole at the end. */
export const createUploads = ({ bucket }: Shelf, wantedPartBytes: number, atOnce: number) => {
  const begin = ({ key, checksumAdler32, putId }: Upload): Promise<string> =>
    bucket.ask((client) =>
      client.initiateNewMultipartUpload(bucket.name, key, {
        ...metaHeaders(checksumAdler32, putId),
        'x-amz-checksum-algorithm': 'CRC32C',
        'x-amz-checksum-type': 'FULL_OBJECT',
      }),
    );

  const sendPart = (key: string, uploadId: string) => (partNumber: number, body: Buffer, checksumCrc32c: string) => {
    const query = { partNumber: String(partNumber), uploadId };
    return bucket.call({ method: 'PUT', key, query, headers: crcHeaders(checksumCrc32c), body }, async (answer) => {
      await text(answer);
      return answer.headers.etag ?? '';
    });
  };

  /** Makes it visible, if the key is not taken; returns its version. */
  const complete = (key: string, uploadId: string, facts: ObjectFacts, parts: readonly SentPart[]) => {
    const headers = {
      ...crcHeaders(facts.checksumCrc32c),
      'x-amz-checksum-type': 'FULL_OBJECT',
      'x-amz-mp-object-size': String(facts.sizeBytes),
      'if-none-match': '*',
    };
    const body = completeBody(parts);
    return bucket.call({ method: 'POST', key, query: { uploadId }, headers, body }, async (answer) => {
      needCompleted(await text(answer));
      return answer.headers['x-amz-version-id']?.toString();
    });
  };

  /** Sends an object and makes it visible. @throws PreconditionFailed or NoSuchUpload when somebody put the key meanwhile */
  const upload = async (of: Upload): Promise<{ facts: ObjectFacts; versionId: string | undefined }> => {
    const uploadId = await begin(of);
    const partSizeBytes = partSizeFor(of.sizeBytes, wantedPartBytes);
    const parts = createParts({ partSizeBytes, atOnce, send: sendPart(of.key, uploadId) });
    try {
      const facts = await of.pass(parts.keep);
      return { facts, versionId: await complete(of.key, uploadId, facts, await parts.end()) };
    } catch (thrown) {
      await parts.settled();
      await abort(bucket, of.key, uploadId);
      throw thrown;
    }
  };
  return { upload };
};

/** Has S3 drop the parts of an upload; one that cannot be dropped now is dropped when it is old. */
const abort = async (bucket: Bucket, key: string, uploadId: string): Promise<void> => {
  try {
    await bucket.ask((client) => client.abortMultipartUpload(bucket.name, key, uploadId));
  } catch {
    // What matters is why the upload failed.
  }
};

/** Drops uploads that began before a moment, whose writers are gone: of one key, or of all that S3 lists. Returns how many. */
export const abortUploadsBefore = async (bucket: Bucket, beforeMs: number, key = ''): Promise<number> => {
  let aborted = 0;
  let [keyMarker, uploadIdMarker] = ['', ''];
  for (;;) {
    const page = await bucket.ask((client) =>
      client.listIncompleteUploadsQuery(bucket.name, key, keyMarker, uploadIdMarker, ''),
    );
    for (const { key: of, uploadId } of page.uploads.filter((one) => one.initiated.getTime() < beforeMs)) {
      await abort(bucket, of, String(uploadId));
      aborted += 1;
    }
    if (!page.isTruncated) return aborted;
    [keyMarker, uploadIdMarker] = [page.nextKeyMarker, page.nextUploadIdMarker];
  }
};

/** Whether an upload failed because the key is taken, perhaps by the same upload whose answer was lost. */
export const isTaken = (thrown: unknown): boolean => ['PreconditionFailed', 'NoSuchUpload'].includes(codeOf(thrown));
