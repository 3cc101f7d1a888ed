import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { boto3Checks, boto3Part, runPython } from './boto3.ts';

/** AWS's client for Python drives the whole API of `npm run engine`. */
let engine: ChildProcess | undefined;
let folder: string;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  boto3Part.install();
  folder = await mkdtemp(join(tmpdir(), 'papilio-boto3-'));
  const program = fileURLToPath(new URL('../../local/engine.ts', import.meta.url));
  const started = spawn(process.execPath, [program, '--port', '0', '--data', join(folder, 'data')]);
  engine = started;
  started.stderr.pipe(process.stderr);
  const [line] = await once(createInterface(started.stdout), 'line');
  const CALLED_FILE = join(folder, 'called');
  await writeFile(CALLED_FILE, '');
  env = { ENGINE_URL: /http:\S+/.exec(String(line))?.[0] ?? '', CALLED_FILE };
}, 600_000);

afterAll(async () => {
  engine?.kill('SIGTERM');
  if (engine?.exitCode === null) await once(engine, 'exit');
  await rm(folder, { recursive: true, force: true });
});

test.concurrent.each(boto3Checks)(
  '$title',
  async ({ module, name }) => {
    await runPython([module, name], env);
  },
  120_000,
);

test('no operation that boto3 knows was left out', async () => {
  const known = (await runPython(['operations'], env)).trim().split('\n');
  const called = new Set((await readFile(env.CALLED_FILE ?? '', 'utf8')).split('\n'));
  expect(known.filter((operation) => !called.has(operation))).toEqual([]);
});
