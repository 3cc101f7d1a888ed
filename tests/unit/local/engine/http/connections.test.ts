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

test.each([
  ['is not JSON', '{"api": "hidden-word'],
  ['api.AuthParameters', JSON.stringify({ api: { ...basic, AuthParameters: { Password: 'hidden-word' } } })],
  ['api.AuthorizationType', JSON.stringify({ api: { ...basic, AuthorizationType: 'hidden-word' } })],
])('a file that is wrong is told by where (%s), not by what it says', async (place, text) => {
  const message = await readConnections(await fileOf(text)).then(String, (error: Error) => error.message);
  expect(message).toContain(place);
  expect(message).not.toContain('hidden-word');
});
