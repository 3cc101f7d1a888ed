import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConnections } from '../../../../../local/engine/http/connections.ts';
import { aFolder } from '../../../../builders/an-engine.ts';

const fileOf = async (text: string): Promise<string> => {
  const path = join(await aFolder(), 'connections.json');
  await writeFile(path, text);
  return path;
};
const basic = {
  AuthorizationType: 'BASIC',
  AuthParameters: { BasicAuthParameters: { Username: 'u', Password: 'hidden-word' } },
};
const arn = 'arn:aws:events:us-east-1:111111111111:connection/api/81210c42';

test('a file names connections by ARN or by name', async () => {
  const byName = await readConnections(await fileOf(JSON.stringify({ api: basic })));
  expect(byName(arn)?.AuthorizationType).toBe('BASIC');
  const byArn = await readConnections(await fileOf(JSON.stringify({ [arn]: basic })));
  expect(byArn(arn)?.AuthorizationType).toBe('BASIC');
  expect(byArn(arn.replace('81210c42', 'other'))).toBeUndefined();
  expect(byName(arn.replace('api', 'toString'))).toBeUndefined();
});

test('a connection may be used for its hosts, and for the webhooks that the operator gives it to', async () => {
  const text = JSON.stringify({ api: { ...basic, Hosts: ['API.example:443', '[::1]:8443'] }, other: basic });
  const find = await readConnections(await fileOf(text), [{ arn, host: 'hooks.example:8080' }]);
  expect(find(arn)?.Hosts).toEqual(['api.example', '[::1]:8443', 'hooks.example:8080']);
  expect(find(arn.replace('api', 'other'))?.Hosts).toEqual([]);
});

test.each(['https://api.example', 'api.example/v1', 'me@api.example', '*.example', 'a b', ''])(
  'a file with %j for a host is refused',
  async (host) => {
    const text = JSON.stringify({ api: { ...basic, Hosts: [host] } });
    await expect(readConnections(await fileOf(text))).rejects.toThrow('api.Hosts.0: is no host such as');
  },
);

test.each([
  ['is not JSON', '{"api": "hidden-word'],
  ['api.AuthParameters', JSON.stringify({ api: { ...basic, AuthParameters: { Password: 'hidden-word' } } })],
  ['api.AuthorizationType', JSON.stringify({ api: { ...basic, AuthorizationType: 'hidden-word' } })],
])('a file that is wrong is told by where (%s), not by what it says', async (place, text) => {
  const message = await readConnections(await fileOf(text)).then(String, (error: Error) => error.message);
  expect(message).toContain(place);
  expect(message).not.toContain('hidden-word');
});
