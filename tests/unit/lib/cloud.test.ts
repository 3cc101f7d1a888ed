import { expect, onTestFinished, test, vi } from 'vitest';
import { openCloudDeps } from '#lib/cloud';

test('a function that does not know its plane says so at each call, and is not stuck with it', async () => {
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('PAPILIO_PLANE', undefined);
  for (let call = 0; call < 2; call++)
    await expect(openCloudDeps()).rejects.toMatchObject({
      code: 'config-invalid',
      reason: expect.stringContaining('PAPILIO_PLANE'),
    });
  vi.stubEnv('PAPILIO_PLANE', 'neither');
  await expect(openCloudDeps()).rejects.toMatchObject({ reason: expect.stringContaining('PAPILIO_PLANE: Invalid') });
});

test('an endpoint that is none is named', async () => {
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv('PAPILIO_PLANE', 'work');
  vi.stubEnv('AWS_ENDPOINT_URL_SQS', 'localhost:4566');
  await expect(openCloudDeps()).rejects.toMatchObject({
    code: 'config-invalid',
    reason: expect.stringContaining('AWS_ENDPOINT_URL_SQS'),
  });
});
