import { open, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { truthOf } from '../../../../../local/sim/daq/generator.ts';
import { aStfSpec } from '../stf-folder.ts';
import { aJobWithStf, readJson, runPayload } from './payload-process.ts';

async function flipBit(path: string, offsetBytes: number): Promise<void> {
  await using file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, offsetBytes);
  await file.write(Buffer.from([byte.readUInt8(0) ^ 1]), 0, 1, offsetBytes);
}

describe('the payload that reads hits', () => {
  it('finds exactly what the generator put in', async () => {
    await using given = await aJobWithStf();
    const ended = await runPayload('hits', given.folder, given.job);
    expect(ended).toMatchObject({ code: 0, log: expect.stringContaining('swf.102363.000001.stf') });
    const { tfFirst, tfEnd, ...truth } = truthOf(aStfSpec());
    expect(await readJson(given.folder, 'out/hits.json')).toEqual({
      run: 102_363,
      sequence: 1,
      tfFirst: String(tfFirst),
      tfEnd: String(tfEnd),
      bxFirst: String(given.stf.bxFirst),
      bxEnd: String(given.stf.bxEnd),
      tfRanges: [{ tfFirst: String(tfFirst), tfEnd: String(tfEnd) }],
      tfsMissing: [],
      ...truth,
    });
    expect(await readdir(join(given.folder, 'out'))).toEqual(['hits.json']);
  });

  it('tells which TFs were missing, and counts only those that it read', async () => {
    const spec = aStfSpec({ missing: [0, 7, 8, 19] });
    await using given = await aJobWithStf(spec);
    const ended = await runPayload('hits', given.folder, given.job);
    const { tfFirst, tfEnd, ...truth } = truthOf(spec);
    const tfs = (from: number, end: number) => ({
      tfFirst: String(tfFirst + BigInt(from)),
      tfEnd: String(tfFirst + BigInt(end)),
    });
    expect(await readJson(given.folder, 'out/hits.json')).toMatchObject({
      tfFirst: String(tfFirst),
      tfEnd: String(tfEnd),
      tfCount: 16,
      tfRanges: [tfs(1, 7), tfs(9, 19)],
      tfsMissing: [tfs(0, 1), tfs(7, 9), tfs(19, 20)],
      hits: truth.hits,
      detectors: truth.detectors,
    });
    expect(ended.log).toContain(`4 TFs are missing: ${tfFirst}, ${tfFirst + 7n} to ${tfFirst + 8n}, ${tfFirst + 19n}`);
  });

  it('writes the same bytes when it runs again', async () => {
    await using given = await aJobWithStf();
    await runPayload('hits', given.folder, given.job);
    const first = await readFile(join(given.folder, 'out/hits.json'));
    await runPayload('hits', given.folder, given.job);
    expect(await readFile(join(given.folder, 'out/hits.json'))).toEqual(first);
  });

  it('ends with 65 and names the TF when one bit of it is wrong', async () => {
    await using given = await aJobWithStf();
    await flipBit(given.stf.path, 20_000);
    const ended = await runPayload('hits', given.folder, given.job);
    expect(ended.code).toBe(65);
    const [, tf = '0'] = /input\.stf: TF (\d+): its CRC-32C is wrong/.exec(ended.log) ?? [];
    expect(BigInt(tf) >= given.stf.tfFirst && BigInt(tf) < given.stf.tfEnd).toBe(true);
    expect(await readdir(given.folder)).toEqual(['job.json']);
  });

  it('ends with 65 when the file is short', async () => {
    await using given = await aJobWithStf();
    await truncate(given.stf.path, given.stf.sizeBytes - 500);
    const ended = await runPayload('hits', given.folder, given.job);
    expect(ended).toMatchObject({ code: 65, log: expect.stringContaining('its end is missing') });
  });

  it.each([
    ['another size', { sizeBytes: 1 }, 'has 40000 bytes, not 1'],
    ['another checksum', { checksumAdler32: '00000001' }, 'its Adler-32 is a836b299, not 00000001'],
    ['another STF', { name: 'swf.102363.000002.stf' }, 'the file says it is run 102363, sequence 1'],
  ])('ends with 65 when a whole STF is %s than announced', async (_, wrong, message) => {
    await using given = await aJobWithStf();
    const job = { ...given.job, inputs: given.job.inputs.map((input) => ({ ...input, ...wrong })) };
    expect(await runPayload('hits', given.folder, job)).toMatchObject({
      code: 65,
      log: expect.stringContaining(message),
    });
  });

  it('ends with 66 when no path leads to the file', async () => {
    await using given = await aJobWithStf();
    await rm(given.stf.path);
    const ended = await runPayload('hits', given.folder, given.job);
    expect(ended).toMatchObject({ code: 66, log: expect.stringContaining('swf.102363.000001.stf cannot be read') });
  });

  it('takes the first path that exists', async () => {
    await using given = await aJobWithStf();
    const [input] = given.job.inputs;
    const job = { ...given.job, inputs: [{ ...input, paths: ['nowhere/a.stf', given.stf.path, 'nowhere/b.stf'] }] };
    expect(await runPayload('hits', given.folder, job)).toMatchObject({ code: 0 });
  });

  it('ends with 74 when its output cannot be written', async () => {
    await using given = await aJobWithStf();
    const ended = await runPayload('hits', given.folder, { ...given.job, output: 'job.json/hits.json' });
    expect(ended).toMatchObject({
      code: 74,
      log: expect.stringContaining('job.json/hits.json cannot be written: EEXIST'),
    });
  });

  it.each([
    ['no JSON', '{"inputs":'],
    ['no object', '[]'],
    ['no inputs', { output: 'out/hits.json', inputs: [] }],
    ['no output', { inputs: [{ name: 'a', paths: ['a'] }] }],
    ['an input without paths', { output: 'out/hits.json', inputs: [{ name: 'a', paths: [] }] }],
    ['a size that is a string', { output: 'out/hits.json', inputs: [{ name: 'a', paths: ['a'], sizeBytes: '1' }] }],
    ['two inputs', { output: 'out/hits.json', inputs: ['a', 'b'].map((name) => ({ name, paths: [name] })) }],
    ['an output outside the folder', { output: '../hits.json', inputs: [{ name: 'a', paths: ['a'] }] }],
    ['a fault that there is not', { output: 'o', inputs: [{ name: 'a', paths: ['a'] }], behave: 'well' }],
  ])('ends with 64 when job.json has %s', async (_, job) => {
    await using given = await aJobWithStf();
    expect(await runPayload('hits', given.folder, job)).toMatchObject({ code: 64 });
  });

  it('counts its starts and finishes outside papilio', async () => {
    await using given = await aJobWithStf();
    const tally = join(given.folder, '../tally');
    await runPayload('hits', given.folder, {
      ...given.job,
      attempt: 'a1',
      environment: { PAPILIO_PAYLOAD_TALLY: tally },
    });
    await runPayload('hits', given.folder, { ...given.job, attempt: 'a2', tally, behave: 'fail' });
    const lines = (await readFile(tally, 'utf8')).trimEnd().split('\n');
    const events = lines.map((line) => ({ ...JSON.parse(line), pid: undefined, at: undefined }));
    expect(events).toEqual([
      { attempt: 'a1', event: 'started' },
      { attempt: 'a1', event: 'finished' },
      { attempt: 'a2', event: 'started' },
    ]);
  });

  it.each([
    ['fail', { code: 1, signal: null }],
    ['crash', { code: null, signal: 'SIGSEGV' }],
  ])('shows the fault %s', async (behave, end) => {
    await using given = await aJobWithStf();
    expect(await runPayload('hits', given.folder, { ...given.job, behave })).toMatchObject(end);
  });

  it('fills the disk until the system refuses', async () => {
    await using given = await aJobWithStf();
    const ended = await runPayload('hits', given.folder, { ...given.job, behave: 'fill-disk' });
    expect(ended).toMatchObject({ code: 74, log: expect.stringContaining('filler cannot be written: EFBIG') });
  });

  it.each(['hang', 'spin', 'eat-memory'])('shows the fault %s until it is ended', async (behave) => {
    await using given = await aJobWithStf();
    const ended = await runPayload('hits', given.folder, { ...given.job, behave }, (child) => {
      child.stdout?.once('data', () => child.kill('SIGTERM'));
    });
    expect(ended).toMatchObject({ signal: 'SIGTERM', log: `behaves: ${behave}\n` });
  });
});
