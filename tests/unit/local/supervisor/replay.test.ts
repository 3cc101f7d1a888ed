import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readOptions } from '../../../../local/supervisor/options.ts';
import { readContents } from '../../../../local/supervisor/recording-contents.ts';
import { checkRecording, chooseReplay } from '../../../../local/supervisor/replay.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'papilio-replay-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const choose = (words: readonly string[], latestRun?: number) =>
  chooseReplay(folder, readOptions(words), async () => latestRun);

test('without a recording a demo is played, with the next free run number', async () => {
  expect((await choose([]))?.title).toBe('a demo, run 1001');
  const replay = await choose([], 2_345);
  expect(replay?.title).toBe('a demo, run 2346');
  expect((await readContents(replay?.file ?? '')).runs).toEqual([2_346]);
});

test('a recording that was not over when papilio ended goes on', async () => {
  const file = join(folder, 'run.jsonl');
  writeFileSync(file, '{}\n');
  writeFileSync(join(folder, 'replay.json'), JSON.stringify({ file, next: 3, isDone: false }));
  expect((await choose([]))?.file).toBe(file);
  writeFileSync(join(folder, 'replay.json'), JSON.stringify({ file, next: 3, isDone: true }));
  expect((await choose([]))?.title).toContain('a demo');
});

test('a recording that is asked for goes before everything else, with its pace and speed', async () => {
  const replay = await choose(['--replay', '/data/run.jsonl', '--speed', 'max', '--pace', 'start', '--stf-size', '2']);
  expect(replay?.words).toEqual([
    '--replay',
    '/data/run.jsonl',
    '--pace',
    'start',
    '--speed',
    'max',
    '--stf-size',
    '2',
  ]);
});

test('a scenario is written down with the next free run number, and goes on where it was broken off', async () => {
  const replay = await choose(['--scenario', 'faults', '--seed', '5', '--no-demo'], 2_000);
  expect(replay?.title).toBe('scenario faults with seed 5, from run 2001 on');
  const file = join(folder, 'faults-2001.jsonl');
  expect(replay?.file).toBe(file);
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  expect(lines.filter((line) => line.includes('"sim":{"seed":5'))).toHaveLength(22);
  writeFileSync(join(folder, 'replay.json'), JSON.stringify({ file, next: 3, isDone: false }));
  expect((await choose(['--scenario', 'faults'], 2_001))?.title).toBe(`the rest of ${file}`);
  expect((await choose(['--scenario', 'storm'], 2_001))?.file).toBe(join(folder, 'storm-2002.jsonl'));
});

test('with --no-demo nothing is played', async () => {
  expect(await choose(['--no-demo'])).toBeUndefined();
});

test('a recording that is not there is refused before anything starts', async () => {
  await expect(checkRecording(join(folder, 'none.jsonl'))).rejects.toMatchObject({ code: 'input-invalid' });
});

test('a recording is read for its runs and for the lines that belong to none', async () => {
  const demo = (await choose([]))?.file ?? '';
  const other = readFileSync(demo, 'utf8').replaceAll('1001', '1002');
  const file = join(folder, 'both.jsonl');
  writeFileSync(file, `${readFileSync(demo, 'utf8')}not json\n${other}not json\n{}\n`);
  const contents = await readContents(file);
  expect(contents).toMatchObject({ runs: [1001, 1002], unreadLines: 3 });
  expect(contents.unread).toHaveLength(2);
});
