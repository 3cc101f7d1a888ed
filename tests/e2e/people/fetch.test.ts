import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { progresses } from '#lib/records';
import type { Objects } from '#ports/objects';
import type { Output } from '#schema/output';
import { ProblemDetails } from '#schema/problem';
import { run } from '../../../clients/cli/program.ts';
import { indexRun } from '../../builders/a-tf-story.ts';
import { anApi, type TestApi } from '../../builders/an-api.ts';
import { anOutput } from '../../builders/an-output.ts';
import { tellRun } from '../../builders/an-stf-story.ts';

const content = Buffer.from(Uint8Array.from({ length: 9_000_000 }, (_, at) => (at * 7) % 251));
const id = 'output_00102363-00000001-p1-hits';
const fileName = `prod_${id}.json`;
let api: TestApi;
/** What the planes keep. */
let kept: TestApi;
let url: string;
let folder: string;
/** What a test puts between the archive of outputs and its readers. */
let around: ((read: Objects['readRange']) => Objects['readRange']) | undefined;
/** Byte ranges that were read of outputs. */
const reads: [number, number][] = [];

beforeAll(async () => {
  kept = await anApi();
  api = await anApi({
    around: {
      records: async (plane) => kept.planes[plane],
      archive: kept.archive,
      outputs: {
        readRange: (key, first, end) => {
          reads.push([first, end]);
          return (around?.(kept.outputs.readRange) ?? kept.outputs.readRange)(key, first, end);
        },
      },
    },
  });
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  await tellRun(kept.planes.work, 102363);
  await anOutput(kept, content, { name: '00102363-00000001-p1-hits' });
  await anOutput(kept, Buffer.from('{"hits":2}'), { name: '00102363-00000002-p1-hits' });
  await indexRun(kept, 102365, [{ sequence: 1 }]);
});
afterAll(() => api[Symbol.asyncDispose]());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'papilio-fetch-'));
  reads.length = 0;
});
afterEach(() => {
  around = undefined;
  rmSync(folder, { recursive: true });
});

const papilio = async (words: string, isTTY = false) => {
  const out: Buffer[] = [];
  let err = '';
  const code = await run([...words.split(' '), '--url', url], {
    out: { write: (data: string | Uint8Array) => out.push(Buffer.from(data)) > 0, isTTY },
    err: { write: (data: string | Uint8Array) => (err += String(data)), isTTY },
    signal: new AbortController().signal,
  });
  return { code, out: Buffer.concat(out), err };
};

/** Ends every read behind this byte, as a network does that goes away. */
const cutAt = (byte: number) => (read: Objects['readRange']) => async (key: string, first: number, end: number) => {
  if (end > byte) throw new Error('the disk went away');
  return read(key, first, end);
};

describe('papilio data get', () => {
  it('writes the output under its own name into a folder, and nothing else', async () => {
    const got = await papilio(`data get ${id} --to ${folder}`);
    expect(got).toMatchObject({ code: 0, err: `${fileName}: 9.0 MB written to ${folder}/${fileName}\n` });
    expect(readFileSync(join(folder, fileName)).equals(content)).toBe(true);
    expect(readdirSync(folder)).toEqual([fileName]);
  });

  it('goes on where an earlier download stopped', async () => {
    around = cutAt(5_000_000);
    const first = await papilio(`data get ${id} --to ${folder}/x`);
    expect(first.code).toBe(6);
    expect(first.err).toMatch(
      /^error\[unreachable\]: The connection was lost: .*\n {2}try: run the command again: it goes on/,
    );
    expect(readdirSync(folder)).toEqual(['x.part']);
    const partBytes = readFileSync(join(folder, 'x.part')).length;
    expect(partBytes).toBeGreaterThan(1_000_000);
    around = undefined;
    reads.length = 0;
    expect((await papilio(`data get ${id} --to ${folder}/x`)).code).toBe(0);
    expect(Math.min(...reads.map(([at]) => at))).toBe(partBytes);
    expect(readFileSync(join(folder, 'x')).equals(content)).toBe(true);
    expect(readdirSync(folder)).toEqual(['x']);
  });

  it('replaces no other file unless forced, and leaves the same one as it is', async () => {
    const path = join(folder, 'mine');
    writeFileSync(path, 'years of work');
    const refused = await papilio(`data get ${id} --to ${path}`);
    expect(refused).toMatchObject({ code: 2, err: expect.stringMatching(/mine exists and is not .*\n.*--force/) });
    expect(readFileSync(path, 'utf8')).toBe('years of work');
    expect((await papilio(`data get ${id} --to ${path} --force`)).code).toBe(0);
    expect(readFileSync(path).equals(content)).toBe(true);
    reads.length = 0;
    expect((await papilio(`data get ${id} --to ${path}`)).err).toBe(`${path} is ${fileName} already\n`);
    expect(reads).toEqual([]);
  });

  it.each([
    ['while it is resumed', 'behind', 8_999_999],
    ['in the part that is there', 'part', 3],
  ])('removes a part with wrong bytes %s and exits with 1', async (_, where, at) => {
    const bytes = Buffer.from(content.subarray(0, 4_000_000));
    if (where === 'part') bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    writeFileSync(join(folder, 'x.part'), bytes);
    if (where === 'behind')
      around = (read) => async (key, first, end) => {
        const piece = Buffer.from(await read(key, first, end));
        if (at < end) piece.writeUInt8(piece.readUInt8(at - first) ^ 1, at - first);
        return piece;
      };
    const got = await papilio(`data get ${id} --to ${folder}/x`);
    expect(got).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^error\[object-corrupt\]: The checksum does not match/),
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('writes bytes to a pipe, and not to a terminal', async () => {
    expect((await papilio(`data get ${id} --to -`)).out.equals(content)).toBe(true);
    const shown = await papilio(`data get ${id} --to -`, true);
    expect(shown).toMatchObject({ code: 2, err: expect.stringContaining('9000000 bytes that a terminal cannot show') });
    expect(shown.out).toHaveLength(0);
  });

  it('shows on a terminal how far it is', async () => {
    const { err } = await papilio(`data get ${id} --to ${folder}`, true);
    expect(err).toMatch(/\r\S+ {2}\d+ % {2}[\d.]+ MB of 9\.0 MB/);
  });
});

it('a merged output that lacks STFs is fetched with a warning', async () => {
  const account: Output['merge'] = { inputs: 28, expected: 30, expectedFrom: 'end_run', isPartial: true, missing: [] };
  await anOutput(kept, Buffer.from('{}'), { run: 102366, name: '00102366-run-p1-merged', merge: account });
  const runId = 'prod_run_00102366';
  const counts = { runId, catalogued: 30, processed: 28, failed: 0 };
  await progresses.putMany(kept.planes.work.store, [[runId, counts]]);
  const got = await papilio(`run get 102366 --outputs ${folder}`);
  expect(got).toMatchObject({
    code: 0,
    err: expect.stringMatching(/^warning: \S+ merges partial 28 of 30 STFs .*\n1 files/),
  });
});

it('papilio stf get writes the archived file', async () => {
  const got = await papilio(`stf get swf.102365.000001.stf --to ${folder}`);
  expect(got.code).toBe(0);
  expect(readFileSync(join(folder, 'swf.102365.000001.stf')).length).toBeGreaterThan(10_000);
});

describe('papilio run get --outputs', () => {
  it('fetches all outputs of a run, and the second time only what is missing', async () => {
    const to = join(folder, 'run-102363');
    const first = await papilio(`run get 102363 --outputs ${to}`);
    expect(first).toMatchObject({ code: 0, err: `2 files, 9.0 MB, are in ${to}; 2 of them new\n` });
    expect(readdirSync(to).sort()).toEqual([fileName, fileName.replace('00000001', '00000002')]);
    rmSync(join(to, fileName.replace('00000001', '00000002')));
    expect((await papilio(`run get 102363 --outputs ${to}`)).err).toMatch(/; 1 of them new\n$/);
  });

  it('says that there is no such run', async () => {
    const got = await papilio(`run get 9999 --outputs ${folder}/x`);
    expect(got).toMatchObject({ code: 3, err: expect.stringContaining('run 9999 not found') });
    expect(existsSync(join(folder, fileName))).toBe(false);
  });
});

it('a deployment that cannot send a file at once (answer-too-large) is asked for ranges', async () => {
  const small = await anApi({ around: { answerMaxBytes: 4_500_000 } });
  await anOutput(small, content, { name: '00102363-00000001-p1-hits' });
  const address = await small.app.listen({ host: '127.0.0.1', port: 0 });
  const refused = await fetch(`${address}/v1/outputs/${id}/bytes`);
  expect([refused.status, ProblemDetails.parse(await refused.json()).code]).toEqual([501, 'answer-too-large']);
  const code = await run(['data', 'get', id, '--to', folder, '--url', address], {
    ...{ out: { write: () => true }, err: { write: () => true }, signal: new AbortController().signal },
  });
  expect(code).toBe(0);
  expect(readFileSync(join(folder, fileName)).equals(content)).toBe(true);
  await small[Symbol.asyncDispose]();
});
