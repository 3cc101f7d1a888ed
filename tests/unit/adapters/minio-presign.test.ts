import { expect, test } from 'vitest';
import { presign } from '../../../functions/adapters/objects/minio-presign.ts';

const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const allowance = {
  method: 'GET',
  url: new URL('https://examplebucket.s3.amazonaws.com/test.txt'),
  validS: 86_400,
  region: 'us-east-1',
  credentials,
  nowMs: Date.UTC(2013, 4, 24),
} as const;

const signatureOf = (url: string): string | null => new URL(url).searchParams.get('X-Amz-Signature');

test('an address has the signature of the example that AWS publishes', () => {
  // docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
  expect(signatureOf(presign(allowance))).toBe('aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404');
});

test('the headers that must be sent are named in the address, and another value is another signature', () => {
  const put = (value: string) => presign({ ...allowance, method: 'PUT', headers: { 'If-None-Match': value } });
  expect(new URL(put('*')).searchParams.get('X-Amz-SignedHeaders')).toBe('host;if-none-match');
  expect(signatureOf(put('*'))).not.toBe(signatureOf(put('"a"')));
});

test('keys that expire are given with their token', () => {
  const url = presign({ ...allowance, credentials: { ...credentials, sessionToken: 'to/ken+=' } });
  expect(new URL(url).searchParams.get('X-Amz-Security-Token')).toBe('to/ken+=');
});
