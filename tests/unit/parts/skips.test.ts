import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aFolder } from '../../builders/a-folder.ts';
import { countSkips } from '../../parts/skips.ts';

test('a part may be skipped once; in the next run it is told, until it has run', () => {
  using folder = aFolder();
  const count = (...skipped: readonly string[]) =>
    countSkips(['minio', 'boto3'], skipped, join(folder.path, 'cache', 'skipped.json'));
  expect(count('minio')).toEqual([]);
  expect(count('minio', 'boto3')).toEqual(['minio']);
  expect(count('boto3')).toEqual(['boto3']);
  expect(count()).toEqual([]);
  expect(count('minio')).toEqual([]);
});

test('a run that asks for others forgets nothing', () => {
  using folder = aFolder();
  const file = join(folder.path, 'skipped.json');
  countSkips(['minio'], ['minio'], file);
  countSkips(['boto3'], [], file);
  expect(countSkips(['minio'], ['minio'], file)).toEqual(['minio']);
});
