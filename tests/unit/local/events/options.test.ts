import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { noFunctions } from '../../../../local/engine/lambda-endpoint.ts';
import { addLocalOptions, type LocalOptions, openLocalServices } from '../../../../local/events/options.ts';
import { account, aFolder, anEngine } from '../../../builders/an-engine.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';

const open = async (...words: string[]) => {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addLocalOptions(command);
  command.parse(words, { from: 'user' });
  return openLocalServices(command.opts<LocalOptions>(), fakeClock(), () => undefined);
};
const aFile = async (name: string, value: unknown): Promise<string> => {
  const path = join(await aFolder(), name);
  await writeFile(path, JSON.stringify(value));
  return path;
};
const asking = async () => {
  const { call } = await anEngine();
  return { call, account, region: 'us-east-1', invoke: noFunctions };
};

test('without options there are HTTP tasks alone, and nothing to carry', async () => {
  const engine = await asking();
  const local = await open();
  expect(Object.keys(local.services(engine))).toEqual(['http']);
  expect(local.start(engine)).toBeUndefined();
});

test('a file of events adds topics and buses, and what carries their deliveries', async () => {
  const engine = await asking();
  const events = await aFile('events.json', { Topics: [{ TopicName: 'runs' }] });
  const local = await open('--events', events, '--allow-private-http', '127.0.0.1, 10.0.0.0/8,gate.lab');
  const { sns, eventbridge } = local.services(engine);
  const { signal } = new AbortController();
  const TopicArn = `arn:aws:sns:us-east-1:${account}:runs`;
  const request = { service: 'sns', action: 'Publish', input: { TopicArn, Message: 'x' }, invocationId: 'i', signal };
  expect(await sns?.(request)).toMatchObject({ ok: true });
  expect(eventbridge).toBeDefined();
  await local.start(engine)?.close();
});

test.each([
  [['--allow-private-http', 'a b'], 'neither a host name nor an address nor a network'],
  [['--events', '/no/such/file.toml'], 'no such file'],
  [['--connections', '/no/such/file.json'], 'no such file'],
])('an option that makes no sense is told: %j', async (words, message) => {
  await expect(open(...words)).rejects.toThrow(message);
});
