import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProblemDetails } from '#schema/problem';
import { run } from '../../../clients/cli/program.ts';
import { eventTypes } from '../../../clients/http/generated/event-types.ts';
import { anApi, type TestApi } from '../../builders/an-api.ts';
import { archiveStf, processStf, tellRun } from '../../builders/an-stf-story.ts';
import { root } from '../../check/shell.ts';

let api: TestApi;
let url: string;
beforeAll(async () => {
  api = await anApi();
  const story = { run: 102363, sequence: 1, receivedMs: 1_000 };
  await tellRun(api.planes.work, 102363);
  await archiveStf(api.planes.archive, story);
  await processStf(api.planes.work, story);
  await api.caughtUp();
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => api[Symbol.asyncDispose]());

const papilio = async (line: string) => {
  const written = { out: '', err: '' };
  const stream = (name: 'out' | 'err') => ({ write: (text: string | Uint8Array) => (written[name] += String(text)) });
  const io = { out: stream('out'), err: stream('err'), signal: new AbortController().signal };
  const code = await run([...line.split(' '), '--url', url], io);
  return { ...written, code };
};

describe('a value that cannot be is a usage error that names what can', () => {
  it.each([
    [
      'stf list --processing behind',
      /^error\[usage\]: --processing: not one of unknown, waiting, processed, failed: behind\n/,
    ],
    ['stf list --run abc', /^error\[usage\]: --run abc: not a run number\n {2}try: --run 102363\n$/],
    ['login --issuer notaurl', /^error\[usage\]: --issuer: not a valid URL\n/],
    ['event list --type nope', /^error\[usage\]: --type: no event has the type nope; types are .*stf\.archived/],
    ['watch --type stf,jobs.failed', /^error\[usage\]: --type: no event has the type jobs\.failed; /],
    ['event list --since yesterday', /^error\[usage\]: --since yesterday/],
  ])('%s', async (line, expected) => {
    const { code, out, err } = await papilio(line);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(expected);
    expect(err).not.toMatch(/Invalid input|✖|expected/);
  });
});

it.each(['stf list --run 9999', 'data list --run 9999', 'job list --run 9999'])(
  '%s: there is no such run',
  async (line) => {
    expect(await papilio(line)).toMatchObject({
      code: 3,
      err: expect.stringMatching(/^error\[record-missing\]: run 9999 not found/),
    });
  },
);

it('a run that is known and has nothing of the kind is an empty list', async () => {
  expect(await papilio('stf list --run 102363 --processing failed')).toMatchObject({ code: 0, err: 'no STFs\n' });
});

it('the interface names a missing field in plain words', async () => {
  const problem = ProblemDetails.parse(await (await fetch(`${url}/v1/outputs`)).json());
  expect(problem.detail).toBe('run: is required');
});

it('event list --since begins with the first event at that moment', async () => {
  const all = (await papilio('event list --all -o jsonl')).out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const middle = all[Math.floor(all.length / 2)];
  const since = (await papilio(`event list --since ${middle.time} --all -o jsonl`)).out.trim().split('\n');
  const found = since.map((line) => JSON.parse(line));
  expect(found.map(({ id }) => id)).toEqual(all.filter(({ time }) => time >= middle.time).map(({ id }) => id));
  expect(found.length).toBeLessThan(all.length);
});

it('every type of event that the code writes is known', () => {
  const written = globSync('functions/**/*.ts', { cwd: root }).flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/\btype: '([a-z-]+\.[a-z-]+)'/g)].map(([, type = '']) => type),
  );
  expect(written.length).toBeGreaterThan(10);
  expect(written.filter((type) => !eventTypes.includes(type))).toEqual([]);
});
