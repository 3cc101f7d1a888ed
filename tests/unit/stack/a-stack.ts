import type { StackFile } from '../../../local/stack/stack-file.ts';

const url = (port: number): string => `http://127.0.0.1:${port}`;

/** A stack of ministack that nothing runs of. */
export const aStack = (some: Partial<StackFile> = {}): StackFile => ({
  format: 1,
  kind: 'ministack',
  folder: '/nowhere',
  instance: 'test',
  wing: 'bnl',
  region: 'us-east-1',
  endpoints: { sfn: url(1), sqs: url(1), dynamodb: url(1), s3: url(2), events: url(1), lambda: url(1) },
  minio: { accessKeyId: 'papilio', secretAccessKey: 'a secret of twenty letters' },
  parts: [],
  createdAt: '2026-11-26T08:00:00.000Z',
  ...some,
});
