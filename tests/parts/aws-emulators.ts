import { afterAll, beforeAll } from 'vitest';
import { accounts, type Plane } from '../../functions/catalog.ts';
import { localstackPart, startLocalstack } from '../../local/stack/parts/localstack.ts';
import { ministackPart, startMinistack } from '../../local/stack/parts/ministack.ts';
import { aSteeredProxy, type Fault, type SteeredProxy } from '../builders/a-steered-proxy.ts';
import { aRandom } from '../builders/random.ts';

/** The emulators of AWS on which adapters are held to the suites that they keep to in memory. */
export const emulators = ['ministack', 'LocalStack'] as const;
type Emulator = (typeof emulators)[number];
type Running = { readonly url: string; readonly proxy: SteeredProxy; readonly stop: () => Promise<void> };

const starts: Readonly<Record<Emulator, () => Promise<{ url: string; stop: () => Promise<void> }>>> = {
  ministack: () => startMinistack(),
  LocalStack: () => startLocalstack(['sqs', 'stepfunctions', 'sts', 'iam']),
};

/** Starts them for the tests of a file, each with a proxy before it. */
export const startedEmulators = (): ReadonlyMap<Emulator, Running> => {
  const running = new Map<Emulator, Running>();
  beforeAll(async () => {
    ministackPart.install();
    localstackPart.install();
    for (const name of emulators) {
      const { url, stop } = await starts[name]();
      running.set(name, { url, stop, proxy: await aSteeredProxy(url) });
    }
  }, 900_000);
  afterAll(async () => {
    for (const { proxy, stop } of running.values()) {
      await proxy.close();
      await stop();
    }
  });
  return running;
};

/** How a client reaches an emulator under a plane's account, which it takes from the id of the key. */
export const awsOf = (endpoint: string, plane: Plane, region = 'us-east-1') => ({
  endpoint,
  region,
  credentials: { accessKeyId: accounts[plane], secretAccessKey: 'papilio' },
});

/** Some of the calls are throttled, answered by 500, or cut before or after they were done, by a seeded choice. */
export const badWeather = (rate: number, seed: number): (() => Fault | undefined) => {
  const random = aRandom(seed);
  const faults: readonly Fault[] = [
    { status: 400, type: 'ThrottlingException' },
    { status: 500, type: 'InternalFailure' },
    'cut-before',
    'cut-after',
  ];
  return () => (random() < rate ? faults[Math.floor(random() * faults.length)] : undefined);
};

/** What stays as it is, in words, and how often a call is tried then. */
export const lasting: readonly (readonly [string, Fault, number])[] = [
  ['throttles', { status: 400, type: 'ThrottlingException' }, 3],
  ['answers with 500', { status: 500, type: 'InternalFailure' }, 3],
  ['answers with 503', { status: 503, type: 'ServiceUnavailable' }, 3],
  ['cuts the connection', 'cut-before', 3],
  ['cuts the connection when the work is done', 'cut-after', 3],
  ['cuts its answers in the middle', 'cut-within', 3],
  ['is silent', 'silent', 3],
  ['finds the credentials expired', { status: 400, type: 'ExpiredTokenException' }, 1],
  ['knows nobody of that key', { status: 403, type: 'UnrecognizedClientException' }, 1],
];
