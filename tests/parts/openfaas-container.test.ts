import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { catalog } from '../../functions/catalog.ts';
import { bundleFunctions } from '../../local/host/bundle/bundle.ts';
import type { FunctionCode } from '../../local/host/function-code.ts';
import { writeImageFolder } from '../../local/host/openfaas/image.ts';
import { aContainerCode } from '../builders/a-container-code.ts';
import { aFolder } from '../builders/a-folder.ts';
import { importNodeImage, installPodman, openPodman, type Podman } from './podman.ts';

/** Functions in real containers: built from the Containerfile, run with nothing but what the image has. */
const base = 'localhost/papilio-node:24';
let folder: ReturnType<typeof aFolder>;
let podman: Podman;

const build = async (code: FunctionCode): Promise<string> => {
  const context = join(folder.path, `image-${code.name}`);
  await writeImageFolder(code, context);
  const image = `localhost/papilio-${code.name}`;
  podman.run(
    'build',
    '--isolation',
    'chroot',
    '--build-arg',
    `BASE=${base}`,
    '--build-arg',
    `FUNCTION=${code.name}`,
    '-t',
    image,
    context,
  );
  return image;
};

beforeAll(async () => {
  installPodman();
  folder = aFolder();
  podman = openPodman(folder.path);
  importNodeImage(podman, folder.path, base);
}, 300_000);
afterAll(() => {
  podman?.run('rm', '--all', '--force', '--time', '0');
  folder?.[Symbol.dispose]();
});

const Served = z.object({ port: z.number() });

/** Starts a container on loopback; its root is read-only, and it may do nothing that needs a privilege. */
const start = async (image: string, name: string, ...more: readonly string[]) => {
  const network = ['--network', 'host', '-e', 'papilio_listen=127.0.0.1', '-e', 'port=0'];
  const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=4096:4096'];
  const guards = ['--read-only', '--cap-drop', 'all', '--security-opt', 'no-new-privileges'];
  const child = podman.start('run', '--rm', '--name', name, ...network, ...limits, ...guards, ...more, image);
  const exit = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  const lines = createInterface({ input: child.stdout ?? process.stdin })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => (await lines.next()).value ?? '';
  const { port } = Served.parse(JSON.parse(await next()));
  const call = (event: object, headers = {}) =>
    fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: JSON.stringify(event), headers });
  return { exit, next, call, health: () => fetch(`http://127.0.0.1:${port}/_/health`) };
};

test('a function answers from its container, as nobody of importance', async () => {
  const image = await build(aContainerCode(folder.path));
  const { call, health } = await start(image, 'answers');
  expect((await health()).status).toBe(200);
  const answer = await call({ n: 1 }, { 'x-call-id': 'call-1' });
  expect(await answer.json()).toEqual({ event: { n: 1 }, requestId: 'call-1', name: 'behave' });
  expect(podman.run('inspect', '--format', '{{.Config.User}} {{.Config.StopSignal}}', 'answers').trim()).toMatch(
    /^10001:10001 (15|SIGTERM)$/,
  );
  expect(
    podman.run('image', 'inspect', '--format', '{{index .Labels "org.opencontainers.image.title"}}', image),
  ).toContain('papilio-behave');
});

test('the platform ends a container, and the call that runs is answered before it goes', async () => {
  const shared = aFolder();
  // The user of the image looks into it.
  chmodSync(shared.path, 0o755);
  onTestFinished(() => shared[Symbol.dispose]());
  const code = { ...aContainerCode(shared.path), name: 'drains' };
  const mount = ['-v', `${shared.path}:/shared:ro`, '-e', 'healthcheck_interval=0'];
  const { call, exit, next } = await start(await build(code), 'drains', ...mount);
  const held = call({ act: 'hold', path: '/shared/go' });
  expect(await next()).toBe('holding');
  podman.run('kill', '--signal', 'TERM', 'drains');
  expect(await next()).toContain('function leaves');
  writeFileSync(join(shared.path, 'go'), '');
  expect((await held).status).toBe(200);
  expect(await exit).toEqual([0, null]);
});

test('a function of the catalogue is loaded in its container, and says what it misses there', async () => {
  const name = 'accept-message';
  const code = (await bundleFunctions([{ name, entry: catalog[name] }])).get(name);
  if (code === undefined) throw new Error('no bundle');
  const { call } = await start(await build(code), 'catalogue');
  const answer = await call({});
  expect([answer.status, answer.headers.get('x-function-error')]).toEqual([422, 'Invalid']);
  expect(await answer.json()).toMatchObject({ errorMessage: expect.stringContaining('PAPILIO_PLANE') });
});
