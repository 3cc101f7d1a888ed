import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type * as z from 'zod';
import { MessageRecord } from '#schema/daq-message';
import { type Broker, brokerOf } from '../../clients/bridge/brokers.ts';
import { readRecording } from '../../clients/bridge/recording.ts';
import { openStompSender } from '../../clients/bridge/stomp-sender.ts';
import { addRecord } from '../../clients/cli/commands/dev-record.ts';
import { type House, startHouse } from '../../local/supervisor/house.ts';
import { plainEnvironment } from '../builders/plain-environment.ts';
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

type BrokerInput = Omit<z.input<typeof Broker>, 'subscriptions'>;

/** A house whose bridge listens to these brokers on these destinations, or on the queue of one. */
const aHouse = async (
  at: string | readonly string[],
  brokers: readonly BrokerInput[],
  headers: Readonly<Record<string, string>> = {},
  scratch = aScratch(),
): Promise<{ house: House; folder: string }> => {
  const folder = join(scratch, 'data');
  const path = join(scratch, 'brokers.json');
  const subscriptions = [at].flat().map((destination) => ({
    destination: destination.startsWith('/') ? destination : `/queue/${destination}`,
    headers,
  }));
  writeFileSync(path, JSON.stringify({ brokers: brokers.map((broker) => ({ vhost: '/', ...broker, subscriptions })) }));
  const house = await startHouse({
    folder,
    port: 0,
    environment: { ...plainEnvironment },
    bridge: ['--brokers', path],
  });
  onTestFinished(() => house.stop());
  return { house, folder };
};

const send = async (to: string, numbers: readonly number[]) => {
  const destination = to.startsWith('/') ? to : `/queue/${to}`;
  const sender = await openStompSender({ ...brokerOf(rabbit.url, [destination]), vhost: '/' }, {});
  for (const number of numbers) {
    const body = JSON.stringify({ msg_type: 'stf_ready', run_id: 1001, number });
    await sender.send({ destination, body });
  }
  await sender.close();
};
const range = (first: number, end: number) => Array.from({ length: end - first }, (_, at) => first + at);
const receivedIn = (folder: string) => recordsOf(folder, 'archive').of('message', MessageRecord);
const until = async (holds: () => boolean) => {
  while (!holds()) await sleep(50);
};
const isEmpty = (queue: string) => {
  const { ready, unacknowledged } = rabbit.depth(queue);
  return ready + unacknowledged === 0;
};
/** The bridge's log; it is there from its first line on. */
const logOf = (folder: string) => {
  const path = join(folder, 'log', 'bridge.jsonl');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
};

/** `papilio dev record` in this process. */
const record = (url: string, destination: string, path: string, count: number) => {
  const listening = Promise.withResolvers<void>();
  const write = (text: string) => text.startsWith('records ') && listening.resolve();
  const io = { out: { write }, err: { write }, signal: AbortSignal.timeout(60_000) };
  const program = new Command();
  addRecord(program, io);
  const words = ['--broker', url, '--destination', destination, '--to', path, '--count', String(count)];
  return { isListening: listening.promise, done: program.parseAsync(['record', ...words], { from: 'user' }) };
};

describe('the bridge at RabbitMQ', { timeout: 120_000 }, () => {
  test('brings every message in, also over a kill of the bridge, and none twice', async () => {
    const { house, folder } = await aHouse('killed', [{ name: 'rabbit', url: rabbit.url, prefetch: 20 }]);
    await send('killed', range(0, 200));
    await until(() => receivedIn(folder).length > 20);
    process.kill(house.pid('bridge') ?? 0, 'SIGKILL');
    await send('killed', range(200, 300));
    await until(() => receivedIn(folder).length >= 300);
    await until(() => isEmpty('killed'));
    expect(receivedIn(folder)).toHaveLength(300);
    expect(house.starts('bridge')).toBe(2);
  });

  test('goes on when the broker comes back after a power cut, with what it had and what it had in hand', async () => {
    const { house, folder } = await aHouse('cut', [{ name: 'rabbit', url: rabbit.url, prefetch: 5 }]);
    await send('cut', range(0, 10));
    await until(() => receivedIn(folder).length === 10);
    const archive = house.pid('archive') ?? 0;
    process.kill(archive, 'SIGSTOP');
    await send('cut', range(10, 30));
    await rabbit.kill();
    await until(() => logOf(folder).includes('broker is away'));
    process.kill(archive, 'SIGCONT');
    await rabbit.start();
    await send('cut', range(30, 40));
    await until(() => receivedIn(folder).length === 40);
    await until(() => isEmpty('cut'));
    expect(receivedIn(folder)).toHaveLength(40);
  });

  test('leaves a broker that falls silent, and takes it again', async () => {
    const { folder } = await aHouse('silent', [{ name: 'rabbit', url: rabbit.url, heartbeatMs: 1000 }]);
    await send('silent', [0]);
    await until(() => receivedIn(folder).length === 1);
    rabbit.freeze();
    await until(() => logOf(folder).includes('no heart-beat came in time'));
    rabbit.thaw();
    await send('silent', [1]);
    await until(() => receivedIn(folder).length === 2);
    expect(logOf(folder).match(/broker connected/g)?.length).toBeGreaterThan(1);
  });

  test('listens to several destinations of a broker', async () => {
    const { folder } = await aHouse(['/queue/one', '/topic/two'], [{ name: 'rabbit', url: rabbit.url }]);
    await until(() => logOf(folder).includes('broker connected'));
    await send('/queue/one', [1]);
    await send('/topic/two', [2]);
    await until(() => receivedIn(folder).length === 2);
  });

  test('what a topic said while papilio was stopped comes by a durable subscription', async () => {
    const destination = '/topic/durable';
    const headers = { durable: 'true', 'auto-delete': 'false', id: 'papilio-archive' };
    const scratch = aScratch();
    const start = () => aHouse([destination], [{ name: 'rabbit', url: rabbit.url }], headers, scratch);
    const { house, folder } = await start();
    await until(() => logOf(folder).includes('broker connected'));
    await house.stop();
    await send(destination, range(0, 10));
    await start();
    await until(() => receivedIn(folder).length === 10);
  });

  test('a recorder takes nothing from it at a topic, and its recording plays the same', async () => {
    const destination = '/topic/recorded';
    const { folder } = await aHouse([destination], [{ name: 'rabbit', url: rabbit.url }]);
    await until(() => logOf(folder).includes('broker connected'));
    const path = join(aScratch(), 'run.jsonl');
    const recording = record(`${rabbit.url}?vhost=/`, destination, path, 20);
    await recording.isListening;
    await send(destination, range(0, 20));
    await recording.done;
    await until(() => receivedIn(folder).length === 20);
    const numbers: unknown[] = [];
    for await (const { frame } of readRecording(path, 0, 'tick')) numbers.push(JSON.parse(frame.body).number);
    expect(numbers).toEqual(range(0, 20));
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
