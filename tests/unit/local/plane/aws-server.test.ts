import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { silentLog } from '#lib/log';
import { serveAwsPort } from '../../../../local/plane/aws-server.ts';
import { aFolder, anEngine } from '../../../builders/an-engine.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';

test('a plane whose keys are gone at a restart works on, and leaves the port closed', async () => {
  const engine = await anEngine();
  const credentials = join(await aFolder(), 'gone');
  const said: unknown[] = [];
  const log = { ...silentLog, error: (...words: unknown[]) => said.push(words) };
  const port = { port: 0, credentials, acts: true };
  const engineering = { call: engine.call, pages: {} };
  await expect(serveAwsPort(port, engineering, { clock: fakeClock(), log })).resolves.toBeUndefined();
  expect(JSON.stringify(said)).toMatch(/ENOENT.*gone.*stays closed/);
});

test('a name that is not its own is refused with the option of npm start that would add it', async () => {
  const { call } = await anEngine();
  const server = await serveAwsPort({ port: 0 }, { call, pages: {} }, { clock: fakeClock(), log: silentLog });
  onTestFinished(() => server?.close());
  const sent = request(server?.address ?? '', { headers: { host: 'host.docker.internal' } });
  sent.end();
  const [response] = await once(sent, 'response');
  expect(await text(response)).toContain('--aws-host-name');
});
