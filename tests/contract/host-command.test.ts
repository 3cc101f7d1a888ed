import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { catalog } from '../../functions/catalog.ts';

const command = fileURLToPath(new URL('../../local/host.ts', import.meta.url));
const Listed = z.object({ Functions: z.array(z.object({ FunctionName: z.string(), FunctionArn: z.string() })) });

test('the command serves the functions of a plane until it is told to end', async () => {
  const words = [command, '--port', '0', '--plane', 'archive', '--client', 'papilio'];
  const host = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(host, 'exit');
  const [line] = await once(createInterface(host.stdout), 'line');
  const [, url = ''] = /^\d+ functions of account 000000000001 at (http:\S+), under papilio$/.exec(String(line)) ?? [];
  const { Functions } = Listed.parse(await (await fetch(`${url}/2015-03-31/functions`)).json());
  const archive = Object.entries(catalog).flatMap(([name, { plane }]) => (plane === 'archive' ? [name] : []));
  expect(Functions.map(({ FunctionName }) => FunctionName)).toEqual(archive.sort());
  expect(Functions[0]?.FunctionArn).toMatch(/^arn:aws:lambda:us-east-1:000000000001:function:/);
  host.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});

test.each([
  [['--port', 'seven'], 'A port is a number up to 65535.'],
  [['--port', '0', '--account', '12'], 'An account number has 12 digits.'],
  [['--port', '0', '--plane', 'sky'], 'Allowed choices are archive, work.'],
  [['--port', '0', '--instances', '0'], 'A number of processes is 1 to 9999.'],
  [['--port', '0', '--wait-s', '-1'], 'A number of seconds is 0 to 9999.'],
])('%o is refused with its reason', (words, reason) => {
  const { status, stderr } = spawnSync(process.execPath, [command, ...words], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([1, expect.stringContaining(reason)]);
});
