import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { openDataFolder } from '../../../local/supervisor/data-folder.ts';
import { startHouse } from '../../../local/supervisor/house.ts';
import { fillDataFolder } from '../../builders/a-data-folder.ts';
import { plainEnvironment } from '../../builders/plain-environment.ts';
import { aScratch } from '../whole/whole-house.ts';
import { say } from './error-house.ts';

/** What a start can be told. */
const start = (folder: string, ...words: string[]) =>
  say('start', ['--data', folder, '--no-demo', '--exit', '--port', '0', ...words]);

test('folder-unusable: a file lies in the place of the data folder', async () => {
  const file = join(aScratch(), 'file');
  writeFileSync(file, 'no folder');
  expect(await start(file)).toMatchObject({ code: 'folder-unusable', exit: 1 });
});

/** A port on which another program listens. */
const aTakenPort = async (): Promise<string> => {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  return String(typeof address === 'object' ? address?.port : 0);
};

/** A data folder in which another program's file lies in the place of a store. */
const aSpoiledFolder = async (): Promise<string> => {
  const folder = join(aScratch(), 'data');
  expect(await start(folder)).toMatchObject({ exit: 0 });
  for (const tail of ['', '-wal', '-shm']) rmSync(join(folder, `work/store.db${tail}`), { force: true });
  const foreign = new DatabaseSync(join(folder, 'work/store.db'));
  foreign.exec('CREATE TABLE theses (title)');
  foreign.close();
  return folder;
};

test('port-in-use and store-foreign: what no later try would change', async () => {
  const [fresh, port, spoiled] = [join(aScratch(), 'data'), await aTakenPort(), await aSpoiledFolder()];
  const [taken, foreign] = await Promise.all([start(fresh, '--port', port), start(spoiled)]);
  expect(taken).toMatchObject({ code: 'port-in-use', exit: 1 });
  expect(foreign).toMatchObject({ code: 'store-foreign', exit: 6 });
});

test('store-unavailable: a front has no stores to read', async () => {
  const folder = join(aScratch(), 'data');
  mkdirSync(folder);
  const house = await startHouse({ folder, port: 0, processes: ['front'], environment: { ...plainEnvironment } });
  onTestFinished(() => house.stop());
  expect(await say('papilio', ['run', 'list', '--data', folder])).toMatchObject({ code: 'store-unavailable', exit: 6 });
});

test('certificate-refused: what the TLS front passes on is no certificate', async () => {
  const scratch = aScratch();
  const [folder, secret] = [join(scratch, 'data'), join(scratch, 'front.secret')];
  mkdirSync(folder);
  writeFileSync(secret, 'a secret of the front and papilio alone', { mode: 0o600 });
  const environment = { ...plainEnvironment, PAPILIO_TLS_FRONT_SECRET_FILE: secret };
  const house = await startHouse({ folder, port: 0, processes: ['front'], environment });
  onTestFinished(() => house.stop());
  const { port } = z.object({ port: z.int() }).parse(JSON.parse(readFileSync(join(folder, 'front.json'), 'utf8')));
  const headers = {
    'papilio-tls-front': 'a secret of the front and papilio alone',
    'papilio-client-certificate': 'a certificate',
    ...Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`papilio-client-chain-${at}`, '(null)'])),
  };
  const answer = await fetch(`http://127.0.0.1:${port}/v1/runs`, { headers });
  expect(await answer.json()).toMatchObject({ code: 'certificate-refused', status: 401 });
});

/** A folder with records of `test`, as papilio leaves it when it stops. */
const aStoredFolder = async (): Promise<string> => {
  const folder = join(aScratch(), 'data');
  await (await openDataFolder(folder, { PAPILIO_INSTANCE: 'test' })).unlock();
  await fillDataFolder(folder, 2, '/test/bnl/archive');
  return folder;
};

test('folder-identity, folder-config-lost and folder-copied: what a start refuses at once, with what to do', async () => {
  const [edited, lost, original] = [await aStoredFolder(), await aStoredFolder(), await aStoredFolder()];
  const config = readFileSync(join(edited, 'config.json'), 'utf8');
  writeFileSync(join(edited, 'config.json'), config.replace('"test"', '"prod"'));
  rmSync(join(lost, 'config.json'));
  const held = await openDataFolder(original, {});
  const copy = `${original}-copy`;
  cpSync(original, copy, { recursive: true });
  expect(await start(edited)).toMatchObject({ code: 'folder-identity', exit: 1 });
  expect(await start(lost)).toMatchObject({ code: 'folder-config-lost', exit: 1 });
  expect(await start(copy)).toMatchObject({ code: 'folder-copied', exit: 1 });
  await held.unlock();
});
