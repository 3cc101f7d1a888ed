import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { dynamoDbLocalPart } from '../../../local/stack/parts/dynamodb-local.ts';
import { localstackPart } from '../../../local/stack/parts/localstack.ts';

/** What of Compose's format the file uses; anything else in it is a mistake. */
const Service = z.strictObject({
  image: z.string().regex(/^[a-z/-]+:[\w.-]+$/),
  environment: z.record(z.string(), z.string()).optional(),
  network_mode: z.literal('host').optional(),
  user: z.string().optional(),
  command: z.array(z.string()).optional(),
  working_dir: z.string().optional(),
  ports: z.array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/, 'on loopback')).optional(),
  volumes: z.array(z.string().regex(/^[\w./-]+:\/[\w./-]+(:ro)?$/)).optional(),
  healthcheck: z.strictObject({ test: z.array(z.string()), interval: z.string(), retries: z.int() }).optional(),
});
const Compose = z.strictObject({
  name: z.string(),
  services: z.record(z.string(), Service),
  volumes: z.record(z.string(), z.strictObject({})),
});

const text = readFileSync(fileURLToPath(new URL('../../../local/compose.yml', import.meta.url)), 'utf8');

test('every image is pinned, to the versions that npm run stack installs', () => {
  const { services } = Compose.parse(parse(text));
  const images = Object.values(services).map(({ image }) => image);
  expect(images).toContain(`localstack/localstack:${localstackPart.version}`);
  expect(images).toContain(`amazon/dynamodb-local:${dynamoDbLocalPart.version}`);
  expect(images.filter((image) => image.endsWith(':latest'))).toEqual([]);
});

test('a volume that is used is declared, and no secret stands in the file', () => {
  const { services, volumes } = Compose.parse(parse(text));
  const used = Object.values(services).flatMap((service) => service.volumes ?? []);
  const named = used.flatMap((volume) => /^(\w+):/.exec(volume)?.[1] ?? []);
  expect(named.toSorted()).toEqual(Object.keys(volumes).toSorted());
  expect(services.minio?.environment?.MINIO_ROOT_PASSWORD).toMatch(/^\$\{PAPILIO_MINIO_PASSWORD:\?/);
});
