/** What a bucket tells of an object that was put: MinIO's posts in, messages as AWS sends them to a queue out. */
import * as z from 'zod';

/** An object that was put. */
export type PutObject = { readonly key: string; readonly sizeBytes: number; readonly atMs: number };

const Post = z.object({
  Records: z.array(
    z.object({
      eventName: z.string(),
      eventTime: z.iso.datetime(),
      s3: z.object({
        bucket: z.object({ name: z.string() }),
        object: z.object({ key: z.string().min(1), size: z.int().min(0).default(0) }),
      }),
    }),
  ),
});

/** A key as it stands in events: URL-encoded, with `+` for a blank. */
const keyIn = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '));

/** The objects of one bucket that a post tells of; undefined if it is no post of MinIO's. */
export const putObjectsIn = (body: unknown, bucket: string): readonly PutObject[] | undefined => {
  const post = Post.safeParse(body);
  if (!post.success) return undefined;
  try {
    return post.data.Records.filter(
      ({ eventName, s3 }) => eventName.includes('ObjectCreated:') && s3.bucket.name === bucket,
    ).map(({ eventTime, s3 }) => ({
      key: keyIn(s3.object.key),
      sizeBytes: s3.object.size,
      atMs: Date.parse(eventTime),
    }));
  } catch {
    return undefined; // a key that is encoded in no way
  }
};

/** The message of an object, as AWS's S3 sends it: whoever reads the queue cannot tell who told. */
export const messageOf = (bucket: string, region: string, { key, sizeBytes, atMs }: PutObject) => ({
  Records: [
    {
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: region,
      eventTime: new Date(atMs).toISOString(),
      eventName: 'ObjectCreated:Put',
      s3: {
        s3SchemaVersion: '1.0',
        bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
        object: { key: encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+'), size: sizeBytes },
      },
    },
  ],
});
