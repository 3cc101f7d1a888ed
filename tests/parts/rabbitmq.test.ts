import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type * as z from 'zod';
import { MessageRecord } from '#schema/daq-message';
import { type Broker, brokerOf } from '../../clients/bridge/brokers.ts';
import { openStompSender } from '../../clients/bridge/stomp-sender.ts';
import { type House, startHouse } from '../../local/supervisor/house.ts';
import { recordsOf } from '../e2e/records.ts';
import { installRabbitMq, type RabbitMq, startRabbitMq } from './rabbitmq.ts';

/** The bridge against a real broker: RabbitMQ with its STOMP plugin, over TCP and TLS. @see 4.2 */
let rabbit: RabbitMq;
beforeAll(async () => {
  installRabbitMq();
  rabbit = await startRabbitMq();
}, 600_000);
afterAll(() => rabbit.stop());

const aScratch = (): string => {
  const scratch = mkdtempSync(join(tmpdir(), 'papilio-stomp-'));
  onTestFinished(() => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 }));
  return scratch;
};

type BrokerInput = Omit<z.input<typeof import('../../clients/bridge/brokers.ts').Broker>, 'subscriptions'>;

/** A house whose bridge listens to these brokers on one queue. */
const aHouse = async (queue: string, brokers: readonly BrokerInput[]): Promise<{ house: House; folder: string }> => {
  const scratch = aScratch();
  const folder = join(scratch, 'data');
  const path = join(scratch, 'brokers.json');
  const subscriptions = [{ destination: `/queue/${queue}` }];
  writeFileSync(path, JSON.stringify({ brokers: brokers.map((broker) => ({ vhost: '/', ...broker, subscriptions })) }));
  const house = await startHouse({
    folder,
    port: 0,
    environment: { PATH: process.env.PATH },
    bridge: ['--brokers', path],
  });
  onTestFinished(() => house.stop());
  return { house, folder };
};

const send = async (
  queue: string,
  numbers: readonly number[],
  at: Broker = { ...brokerOf(rabbit.url, ['/queue/x']), vhost: '/' },
) => {
  const sender = await openStompSender(at, {});
  for (const number of numbers) {
    const body = JSON.stringify({ msg_type: 'stf_ready', run_id: 1001, number });
    await sender.send({ destination: `/queue/${queue}`, body });
  }
  await sender.close();
};
const range = (first: number, end: number) => Array.from({ length: end - first }, (_, at) => first + at);
const receivedIn = (folder: string) => recordsOf(folder, 'archive').of('message', MessageRecord);
const until = async (holds: () => boolean) => {
  while (!holds()) await sleep(50);
};
const logOf = (folder: string) => readFileSync(join(folder, 'log', 'bridge.jsonl'), 'utf8');

describe('the bridge at RabbitMQ', { timeout: 120_000 }, () => {
  test('brings every message in, also over a kill of the bridge, and none twice', async () => {
    const { house, folder } = await aHouse('killed', [{ name: 'rabbit', url: rabbit.url, prefetch: 20 }]);
    await send('killed', range(0, 200));
    await until(() => receivedIn(folder).length > 20);
    process.kill(house.pid('bridge') ?? 0, 'SIGKILL');
    await send('killed', range(200, 300));
    await until(() => receivedIn(folder).length >= 300);
    await until(() => rabbit.depth('killed').unacknowledged === 0 && rabbit.depth('killed').ready === 0);
    expect(receivedIn(folder)).toHaveLength(300);
    expect(house.starts('bridge')).toBe(2);
  });

  test('goes on when the broker comes back after a power cut', async () => {
    const { folder } = await aHouse('cut', [{ name: 'rabbit', url: rabbit.url, heartbeatMs: 1000 }]);
    await send('cut', range(0, 10));
    await until(() => receivedIn(folder).length === 10);
    await rabbit.kill();
    await until(() => logOf(folder).includes('broker is away'));
    await rabbit.start();
    await send('cut', range(10, 20));
    await until(() => receivedIn(folder).length === 20);
  });

  test('a broker that is dead holds up no other', async () => {
    const dead = { name: 'dead', url: 'stomp://127.0.0.1:9' };
    const { folder } = await aHouse('beside', [dead, { name: 'rabbit', url: rabbit.url }]);
    await send('beside', range(0, 10));
    await until(() => receivedIn(folder).length === 10);
    expect(logOf(folder)).toContain('"broker":"dead"');
  });

  test('speaks TLS, and refuses a broker whose certificate another authority signed', async () => {
    const { tlsUrl: url, caFile, otherCaFile } = rabbit;
    const wrong = { name: 'wrong', url, tls: { caFile: otherCaFile } };
    const { folder } = await aHouse('tls', [{ name: 'right', url, tls: { caFile } }, wrong]);
    await send('tls', range(0, 10));
    await until(() => receivedIn(folder).length === 10);
    await until(() => /"broker":"wrong".*certificate/.test(logOf(folder)));
    expect(logOf(folder)).not.toMatch(/"broker":"wrong".*connected/);
  });

  test('while the archive plane stands still the broker keeps what is over the prefetch', async () => {
    const { house, folder } = await aHouse('held', [{ name: 'rabbit', url: rabbit.url, prefetch: 5 }]);
    await send('held', [0]);
    await until(() => receivedIn(folder).length === 1);
    const archive = house.pid('archive') ?? 0;
    process.kill(archive, 'SIGSTOP');
    await send('held', range(1, 101));
    const { ready, unacknowledged } = rabbit.depth('held');
    process.kill(archive, 'SIGCONT');
    expect(unacknowledged).toBeLessThanOrEqual(5);
    expect(ready + unacknowledged).toBe(100);
    await until(() => receivedIn(folder).length === 101);
  });
});
