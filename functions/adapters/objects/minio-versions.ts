import * as z from 'zod';
import type { Bucket } from './minio-bucket.ts';

/** A version of an object, or the mark of a deletion. */
const Version = z.object({
  name: z.string(),
  versionId: z.string(),
  lastModified: z.coerce.date(),
  isDeleteMarker: z.boolean().optional(),
});
type Version = z.infer<typeof Version>;

const Page = z.object({
  objects: z.array(Version),
  isTruncated: z.union([z.boolean(), z.string()]).optional(),
  keyMarker: z.string().optional(),
  versionIdMarker: z.string().optional(),
});
const pageSize = 1000;

/** All versions below a prefix, key after key, a page at a time. */
export async function* versionPages(bucket: Bucket, prefix: string): AsyncGenerator<readonly Version[]> {
  let marker = {};
  for (;;) {
    const options = { Delimiter: '', MaxKeys: pageSize, IncludeVersion: true, ...marker };
    const answer = await bucket.ask((client) => client.listObjectsQuery(bucket.name, prefix, '', options));
    const { objects, isTruncated, keyMarker, versionIdMarker } = Page.parse(answer);
    yield objects;
    if (String(isTruncated) !== 'true' || keyMarker === undefined) return;
    // minio-js puts it into the query as it is.
    marker = { keyMarker: encodeURIComponent(keyMarker), ...(versionIdMarker !== undefined && { versionIdMarker }) };
  }
}

/** The version that was put first under a key and is still there. O(versions of the key). */
export const firstVersionOf = async (bucket: Bucket, key: string): Promise<string | undefined> => {
  let first: Version | undefined;
  for await (const page of versionPages(bucket, key)) {
    for (const version of page.filter(({ name, isDeleteMarker }) => name === key && isDeleteMarker !== true))
      if (first === undefined || version.lastModified <= first.lastModified) first = version;
    // The key itself comes before those that begin with it.
    if (page.some(({ name }) => name !== key)) break;
  }
  return first?.versionId;
};
