import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { brokerOf, readBrokers, secretOf } from '../../../clients/bridge/brokers.ts';
import { aFolder } from '../../builders/a-folder.ts';

const good = {
  name: 'e1-bnl',
  url: 'stomp+ssl://broker.example.org:61612',
  login: 'papilio',
  passcode: 'file:secrets/passcode',
  tls: { caFile: 'ca.pem' },
  subscriptions: [{ destination: '/topic/epictopic' }],
};

const read = (brokers: unknown) => {
  using folder = aFolder();
  const path = join(folder.path, 'brokers.json');
  writeFileSync(path, typeof brokers === 'string' ? brokers : JSON.stringify({ brokers }));
  return { folder: folder.path, brokers: readBrokers(path) };
};

describe('a file of brokers', () => {
  test('names files beside it, and need not say what is usual', () => {
    const { folder, brokers } = read([good]);
    expect(brokers).toEqual([
      {
        ...good,
        heartbeatMs: 30_000,
        prefetch: 100,
        passcode: `file:${join(folder, 'secrets/passcode')}`,
        tls: { caFile: join(folder, 'ca.pem') },
        subscriptions: [{ destination: '/topic/epictopic', headers: {} }],
      },
    ]);
  });

  test.each([
    ['a name that is none', { ...good, name: 'E1 BNL' }, 'name'],
    ['another protocol', { ...good, url: 'https://broker.example.org' }, 'url'],
    ['a secret in its URL', { ...good, url: 'stomp://papilio:lepidoptera@broker.example.org' }, 'url: who we are'],
    ['a secret written out', { ...good, passcode: 'lepidoptera' }, 'passcode'],
    ['an unknown field', { ...good, hartbeatMs: 1 }, 'hartbeatMs'],
    ['an unknown field of a subscription', { ...good, subscriptions: [{ destination: '/d', filter: 'x' }] }, 'filter'],
    ['nothing to listen to', { ...good, subscriptions: [] }, 'subscriptions'],
    ['a prefetch of none', { ...good, prefetch: 0 }, 'prefetch'],
    ['a heart-beat that no broker could keep', { ...good, heartbeatMs: 5 }, 'heartbeatMs'],
  ])('with %s is refused with the file and the field', (_, broker, field) => {
    expect(() => read([broker])).toThrow(new RegExp(`brokers\\.json: brokers.0.*${field}`));
    expect(() => read([broker])).not.toThrow('lepidoptera');
  });

  test.each([
    ['that is no JSON', '{"brokers": [', /brokers\.json: .*JSON/],
    ['of none', [], /brokers\.json/],
    ['of two with one name', [good, good], /brokers\.json: two brokers have one name/],
  ])('%s is refused', (_, brokers, reason) => {
    expect(() => read(brokers)).toThrow(reason);
  });

  test('is as the operators’ page shows it', () => {
    const page = readFileSync(new URL('../../../docs/operators/connect-a-broker.md', import.meta.url), 'utf8');
    const [, example = ''] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
    expect(read(example).brokers).toHaveLength(1);
  });

  test('that is not there is named', () => {
    expect(() => readBrokers('/nowhere/brokers.json')).toThrow('/nowhere/brokers.json');
  });
});

describe('a secret', () => {
  test('is read from a file or the environment', () => {
    using folder = aFolder();
    const path = join(folder.path, 'passcode');
    writeFileSync(path, 'lepidoptera\n');
    expect(secretOf(`file:${path}`, {})).toBe('lepidoptera');
    expect(secretOf('env:PAPILIO_X', { PAPILIO_X: 'lepidoptera' })).toBe('lepidoptera');
  });

  test('that is not there, or empty, is named by its reference', () => {
    using folder = aFolder();
    const path = join(folder.path, 'passcode');
    expect(() => secretOf(`file:${path}`, {})).toThrow(path);
    writeFileSync(path, '\n');
    expect(() => secretOf(`file:${path}`, {})).toThrow(`file:${path} is empty`);
    expect(() => secretOf('env:PAPILIO_X', {})).toThrow('env:PAPILIO_X is not set');
  });
});

describe('a broker on a command line', () => {
  test('is its URL and what to listen to', () => {
    expect(brokerOf('stomp://papilio@broker.example.org:61613', ['/topic/a', '/queue/b'])).toMatchObject({
      url: 'stomp://broker.example.org:61613',
      login: 'papilio',
      subscriptions: [{ destination: '/topic/a' }, { destination: '/queue/b' }],
    });
  });

  test('takes no secret, and repeats none', () => {
    const broker = () => brokerOf('stomp://papilio:lepidoptera@broker.example.org', ['/topic/a']);
    expect(broker).toThrow('a secret does not belong in a URL');
    expect(broker).not.toThrow('lepidoptera');
  });
});
