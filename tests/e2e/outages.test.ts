import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { aStompStub } from '../builders/stomp-stub.ts';
import { asking, papilio } from './whole/asking.ts';
import { aScratch, startWhole } from './whole/whole-house.ts';

const aBrokersFile = (scratch: string, url: string, passcode?: string): string => {
  const file = join(scratch, 'brokers.json');
  const broker = { name: 'e1-bnl', url, heartbeatMs: 0, subscriptions: [{ destination: '/topic/epictopic' }] };
  writeFileSync(
    file,
    JSON.stringify({ brokers: [passcode === undefined ? broker : { ...broker, login: 'a', passcode }] }),
  );
  return file;
};

test('a broker that dies is named in the first line of status, health is not 0, and all is well when it is back', async () => {
  const scratch = aScratch();
  const folder = join(scratch, 'data');
  const stub = await aStompStub();
  const port = Number(new URL(stub.url).port);
  startWhole({ folder, words: ['--no-demo', '--brokers', aBrokersFile(scratch, stub.url)] });
  await stub.whenGot('SUBSCRIBE', 1);
  const { until } = asking(folder);
  await until(
    ({ brokers, broken }, { isHealthy }) => brokers?.[0]?.state === 'connected' && isHealthy && !broken.length,
  );
  await stub[Symbol.asyncDispose]();
  await until(({ brokers }, { isHealthy }) => brokers?.[0]?.state === 'away' && !isHealthy);
  const shown = papilio(folder, 'status');
  expect(shown.first).toMatch(/^broken +✗ no connection to broker e1-bnl since \d\d:\d\d:\d\d UTC/);
  expect(shown.code).toBe(6);
  const health = papilio(folder, 'health');
  expect(health.code).toBe(6);
  expect(health.out).toContain('no connection to broker e1-bnl');
  const again = createServer((socket) => {
    socket
      .on('error', () => undefined)
      .on('data', (bytes) => {
        if (String(bytes).startsWith('CONNECT')) socket.write('CONNECTED\nversion:1.2\nheart-beat:0,0\n\n\0');
        for (const [, id] of String(bytes).matchAll(/receipt:([\w-]+)/g))
          socket.write(`RECEIPT\nreceipt-id:${id}\n\n\0`);
      });
  }).listen(port, '127.0.0.1');
  onTestFinished(() => void again.close());
  await once(again, 'listening');
  const { broken } = await until(({ brokers }, { isHealthy }) => brokers?.[0]?.state === 'connected' && isHealthy);
  expect(broken).toEqual([]);
}, 60_000);

test('a passcode that is missing at the start is named with what is missing', async () => {
  const scratch = aScratch();
  const folder = join(scratch, 'data');
  const file = aBrokersFile(scratch, 'stomp://127.0.0.1:1', `file:${join(scratch, 'no-passcode')}`);
  const house = startWhole({ folder, words: ['--no-demo', '--brokers', file] });
  await house.says(/listens to e1-bnl/);
  await house.says(/API http/);
  const { broken } = await asking(folder).until(({ broken: [first] }) => first?.kind === 'broker-away');
  expect(broken[0]).toMatchObject({
    kind: 'broker-away',
    isOutage: true,
    evidence: expect.stringMatching(/no-passcode/),
  });
}, 60_000);

test('a plane that is killed is named in the first line of status while health is not 0, and both are well once it is back', async () => {
  const folder = join(aScratch(), 'data');
  const house = startWhole({ folder, words: ['--no-demo'] });
  await house.says(/API http/);
  const { until } = asking(folder);
  await until(({ broken }, { isHealthy }) => isHealthy && broken.length === 0);
  process.kill(house.pidOf('archive'), 'SIGKILL');
  const away = await until(({ broken }, { isHealthy }) => !isHealthy && broken[0]?.kind === 'plane-away');
  expect(away.broken[0]).toMatchObject({
    plane: 'archive',
    isOutage: true,
    what: expect.stringMatching(/^the archive plane/),
  });
  await until(({ planes }, { isHealthy }) => isHealthy && planes.every(({ isAlive }) => isAlive));
}, 60_000);
