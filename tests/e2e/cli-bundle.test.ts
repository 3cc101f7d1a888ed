import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { anApi, type TestApi } from '../builders/an-api.ts';
import { archiveStf, processStf, tellRun } from '../builders/an-stf-story.ts';
import { plainEnvironment } from '../builders/plain-environment.ts';
import { bundleCli } from '../check/cli-bundle.ts';

/** The command line as one file, in a folder where nothing else is: no packages, no sources. */
let folder: string;
let bundle: string;
let api: TestApi;
let url: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'papilio-bundle-'));
  bundle = join(folder, 'papilio.cjs');
  await bundleCli(bundle);
  api = await anApi();
  const story = { run: 102_363, sequence: 1, receivedMs: 1000 };
  await tellRun(api.planes.work, story.run);
  await archiveStf(api.planes.archive, story);
  await processStf(api.planes.work, story);
  await api.caughtUp();
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const papilio = (...words: string[]): Promise<{ out: string; err: string; code: unknown }> =>
  new Promise((resolve) => {
    const env = { ...plainEnvironment, PAPILIO_URL: url, HOME: folder };
    execFile(process.execPath, [bundle, ...words], { cwd: folder, env }, (error, out, err) =>
      resolve({ out, err, code: error === null ? 0 : error.code }),
    );
  });

test('it is small enough to be sent by mail, and can be run by its name', async () => {
  expect((await stat(bundle)).size).toBeLessThan(1_500_000);
});

test('it shows help, data and what went wrong', async () => {
  expect(await papilio('--help')).toMatchObject({ code: 0, out: expect.stringMatching(/papilio status --watch/) });
  expect(await papilio('stf', 'list')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/swf\.102363\.000001\.stf/),
  });
  expect(await papilio('stf', 'show', 'swf.102363.000009.stf')).toMatchObject({
    code: 3,
    err: expect.stringMatching(/^error\[record-missing\]/),
  });
});

test('what it loads only when it is needed is in it too', async () => {
  const { out } = await papilio('stf', 'list', '-o', 'yaml', '--json', 'name');
  expect(parse(out)).toEqual([{ name: 'swf.102363.000001.stf' }]);
  expect((await papilio('stf', 'list', '-o', 'csv', '--json', 'name')).out).toBe('name\r\nswf.102363.000001.stf\r\n');
  // The issuer is asked, and is not there.
  const words = ['login', '--issuer', 'http://127.0.0.1:1', '--profile', 'x'];
  expect(await papilio(...words)).toMatchObject({
    code: 4,
    err: expect.stringMatching(/^error\[login-failed\].*bad port/),
  });
});

test('what belongs to a clone of the project is said to be there', async () => {
  expect(await papilio('dev', 'sim', '--list')).toMatchObject({ code: 2, err: expect.stringMatching(/in a clone/) });
});
