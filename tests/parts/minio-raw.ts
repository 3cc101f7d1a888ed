import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { Client } from 'minio';
import { AssumeRoleProvider } from 'minio/dist/esm/AssumeRoleProvider.mjs';
import type { Minio, MinioUser } from '../../local/stack/parts/minio.ts';

/** MinIO as anybody reaches it who has keys: what papilio's adapter does not do, and an attacker would. */
export const rawClient = (
  { url, user: anyone }: Pick<Minio, 'url' | 'user'>,
  user: MinioUser & { sessionToken?: string } = anyone,
) => {
  const client = new Client({
    endPoint: '127.0.0.1',
    port: Number(new URL(url).port),
    useSSL: false,
    region: 'us-east-1',
    accessKey: user.accessKeyId,
    secretKey: user.secretAccessKey,
    ...(user.sessionToken !== undefined && { sessionToken: user.sessionToken }),
  });
  const call = async (method: string, bucketName: string, objectName: string, more: object = {}) => {
    const answer = await client.makeRequestAsync({ method, bucketName, objectName, ...more }, '', [200, 204]);
    await buffer(answer);
    return answer.headers;
  };
  return {
    client,
    headers: (bucket: string, key: string) =>
      call('HEAD', bucket, key, { headers: { 'x-amz-checksum-mode': 'ENABLED' } }),
    begin: (bucket: string, key: string) => client.initiateNewMultipartUpload(bucket, key, {}),
    /** Keys of the uploads that have begun and not ended. */
    uploads: async (bucket: string) =>
      (await client.listIncompleteUploadsQuery(bucket, '', '', '', '')).uploads.map(({ key }) => key),
    get: async (bucket: string, key: string): Promise<Buffer> => buffer(await client.getObject(bucket, key)),
    put: (bucket: string, key: string, bytes: Buffer) => client.putObject(bucket, key, bytes),
    remove: (bucket: string, key: string, versionId?: string, governanceBypass = false) =>
      client.removeObject(bucket, key, { ...(versionId !== undefined && { versionId }), governanceBypass }),
    removeBucket: (bucket: string) => client.removeBucket(bucket),
  };
};

const lockActions = [
  's3:BypassGovernanceRetention',
  's3:PutObjectRetention',
  's3:PutObjectLegalHold',
  's3:PutBucketObjectLockConfiguration',
];

/** Everything in a bucket but some actions: those that touch a lock. */
export const allBut = (bucket: string, denied: readonly string[] = lockActions): string => {
  const Resource = [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`];
  const Statement = [
    { Effect: 'Allow', Action: ['s3:*'], Resource },
    { Effect: 'Deny', Action: denied, Resource },
  ];
  return JSON.stringify({ Version: '2012-10-17', Statement });
};

/** The policy of writers that the operators' page has. */
export const writerPolicy = (bucket: string): string => {
  const page = readFileSync(new URL('../../docs/operators/minio.md', import.meta.url), 'utf8');
  const [, policy = ''] = /```json\n(.*?)```/s.exec(page) ?? [];
  return policy.replaceAll('prod-bnl-e1', bucket);
};

/** Keys that allow what a policy does. */
export const temporaryUser = async ({ url, user }: Pick<Minio, 'url' | 'user'>, policy: string) => {
  const provider = new AssumeRoleProvider({
    stsEndpoint: url,
    accessKey: user.accessKeyId,
    secretKey: user.secretAccessKey,
    policy,
  });
  const { accessKey, secretKey, sessionToken } = await provider.getCredentials();
  return { accessKeyId: accessKey, secretAccessKey: secretKey, ...(sessionToken !== undefined && { sessionToken }) };
};
