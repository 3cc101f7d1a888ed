import { readFile, stat, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createChecksums } from '#lib/model/checksum';
import { truthOf } from '../../../../../local/sim/daq/generator.ts';
import { addSpectra } from '../../../../../local/sim/daq/spectrum.ts';
import { aFolder, aStfSpec } from '../stf-folder.ts';
import { readJson, runPayload } from './payload-process.ts';

type Folder = Awaited<ReturnType<typeof aFolder>>;

/** Writes the histograms of an STF of 20 TFs, as its payload would, and returns the input that names them. */
async function hitsOf(folder: Folder, name: string, given: { run?: number; sequence?: number }) {
  const spec = aStfSpec({ tfsPerStf: 20, ...given });
  const { tfFirst, tfEnd, ...truth } = truthOf(spec);
  const bxs = { bxFirst: String(tfFirst * 65_536n), bxEnd: String(tfEnd * 65_536n) };
  const { run, sequence } = spec;
  const tfs = { tfFirst: String(tfFirst), tfEnd: String(tfEnd) };
  const file = { run, sequence, ...tfs, ...bxs, tfRanges: [tfs], tfsMissing: [], ...truth };
  await writeFile(folder.at(name), JSON.stringify(file));
  const checksums = createChecksums();
  checksums.update(await readFile(folder.at(name)));
  const { adler32: checksumAdler32 } = checksums.digest();
  return { name, paths: [folder.at(name)], sizeBytes: (await stat(folder.at(name))).size, checksumAdler32 };
}

const output = 'out/merged.json';

describe('the payload that merges a run', () => {
  it('adds up histograms in any order and names the TFs that are missing', async () => {
    await using folder = await aFolder();
    const inputs = await Promise.all([4, 1, 2].map((sequence) => hitsOf(folder, `${sequence}.json`, { sequence })));
    const ended = await runPayload('merge', folder.at('job'), { inputs, output });
    expect(ended).toMatchObject({ code: 0, log: expect.stringContaining('3 inputs, 60 TFs, 1 gaps') });
    const truths = [4, 1, 2].map((sequence) => truthOf(aStfSpec({ sequence })));
    const tf = (index: number) => String(102_363n * 2n ** 27n + BigInt(index));
    expect(await readJson(folder.at('job'), output)).toEqual({
      run: 102_363,
      inputs: ['4.json', '1.json', '2.json'],
      tfFirst: tf(20),
      tfEnd: tf(100),
      tfCount: 60,
      hits: truths.reduce((sum, { hits }) => sum + hits, 0),
      ranges: [
        { tfFirst: tf(20), tfEnd: tf(60) },
        { tfFirst: tf(80), tfEnd: tf(100) },
      ],
      gaps: [{ tfFirst: tf(60), tfEnd: tf(80) }],
      detectors: addSpectra(truths.map(({ detectors }) => detectors)),
    });
  });

  it('counts no TF twice', async () => {
    await using folder = await aFolder();
    const inputs = [await hitsOf(folder, 'a.json', {}), await hitsOf(folder, 'b.json', {})];
    const ended = await runPayload('merge', folder.at('job'), { inputs, output });
    expect(ended).toMatchObject({ code: 65, log: expect.stringContaining('TFs are in two inputs') });
  });

  it('ends with 64 without inputs', async () => {
    await using folder = await aFolder();
    expect(await runPayload('merge', folder.at('job'), { inputs: [], output })).toMatchObject({ code: 64 });
  });

  it('mixes no runs', async () => {
    await using folder = await aFolder();
    const inputs = [await hitsOf(folder, 'a.json', {}), await hitsOf(folder, 'b.json', { run: 5 })];
    const ended = await runPayload('merge', folder.at('job'), { inputs, output });
    expect(ended).toMatchObject({ code: 65, log: expect.stringContaining('b.json is of run 5, not 102363') });
  });

  it('takes no file that changed, is none, or is missing', async () => {
    await using folder = await aFolder();
    const input = await hitsOf(folder, 'a.json', {});
    const wrong = { ...input, checksumAdler32: '00000001' };
    await writeFile(folder.at('none.json'), '{"run":1}');
    const none = { name: 'none.json', paths: [folder.at('none.json')] };
    const missing = { name: 'missing.json', paths: [folder.at('missing.json')] };
    const codes = [];
    for (const given of [wrong, none, missing]) {
      codes.push((await runPayload('merge', folder.at('job'), { inputs: [input, given], output })).code);
    }
    expect(codes).toEqual([65, 65, 66]);
  });
});

describe('a list of inputs', () => {
  it('is read like those in job.json', async () => {
    await using folder = await aFolder();
    const inputs = await Promise.all([1, 2, 3].map((sequence) => hitsOf(folder, `${sequence}.json`, { sequence })));
    const lines = inputs.map((input) => `${JSON.stringify(input)}\n`).join('');
    await writeFile(folder.at('list.jsonl'), lines);
    const [inline, listed] = [folder.at('inline'), folder.at('listed')];
    await runPayload('merge', inline, { inputs, output });
    const job = { inputs: [], inputList: folder.at('list.jsonl'), output };
    expect(await runPayload('merge', listed, job)).toMatchObject({ code: 0, log: expect.stringContaining('3 inputs') });
    expect(await readJson(listed, output)).toEqual(await readJson(inline, output));
  });

  it.each([
    ['is missing', undefined, 64],
    ['has a line that is cut', '{"name":"a.json","pa', 64],
    ['has a line without a name', '{"paths":["/a"]}\n', 64],
    ['is empty', '', 64],
  ])('that %s ends with %i', async (_, text, code) => {
    await using folder = await aFolder();
    if (text !== undefined) await writeFile(folder.at('list.jsonl'), text);
    const job = { inputs: [], inputList: folder.at('list.jsonl'), output };
    expect(await runPayload('merge', folder.at('job'), job)).toMatchObject({ code });
  });
});
