import { readdir, readFile, stat } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createChecksums } from '#lib/model/checksum';
import { createStfWalk } from '#lib/model/stf-walk';
import type { Fault } from '../../../../../local/sim/daq/faults.ts';
import { withFile } from '../../../../../local/sim/daq/replay-files.ts';
import { aFolder } from '../stf-folder.ts';

const name = 'swf.1001.000004.stf';
const said = {
  msg_type: 'stf_gen',
  run_id: 1001,
  filename: name,
  timestamp: '2026-11-24T06:00:00.000000',
  state: 'run',
  substate: 'physics',
};

/** Makes the file of a message, with a fault; says what was sent, and what the file is. */
const make = async (fault?: Fault, seed = 7) => {
  await using folder = await aFolder();
  const files = { folder: folder.path, sizeBytes: 40_000, seed: 1, tfsPerStf: 20, bxPerTf: 65_536 };
  const sim = { seed, ...(fault === undefined ? {} : { fault }) };
  const sent = JSON.parse(await withFile(JSON.stringify({ ...said, sim }), files));
  const bytes = await readFile(folder.at(name));
  const checksums = createChecksums();
  checksums.update(bytes);
  const walk = createStfWalk();
  walk.update(bytes);
  return { sent, bytes, adler32: checksums.digest().adler32, walked: walk.end(), names: await readdir(folder.path) };
};
const tfFirst = 1001n * 2n ** 27n + 4n * 20n;

describe('the file of a simulated message', () => {
  it('is made by its own seed, and what was said for its making is not sent on', async () => {
    const { sent, bytes, adler32, names } = await make();
    expect(sent).toEqual({ ...said, size: bytes.length, checksum: `ad:${adler32}` });
    expect(names).toEqual([name]);
    expect((await make()).bytes.equals(bytes)).toBe(true);
    expect((await make(undefined, 8)).bytes.equals(bytes)).toBe(false);
  });

  it('has one flipped bit, in the TF that was asked for, and its message the checksum from before', async () => {
    const { sent, bytes, adler32, walked, names } = await make({ kind: 'flipped-bit', tf: 3 });
    expect(sent.checksum).not.toBe(`ad:${adler32}`);
    expect(walked).toEqual({ kind: 'damaged', findings: [{ tf: tfFirst + 3n, problem: 'its CRC-32C is wrong' }] });
    const sound = (await make()).bytes;
    const different = sound.map((byte, at) => byte ^ (bytes[at] ?? 0)).filter((bits) => bits !== 0);
    expect([...different].map((bits) => bits.toString(2).replaceAll('0', ''))).toEqual(['1']);
    expect(names).toEqual([name]);
  });

  it('has a flipped bit of which its message says nothing', async () => {
    const { sent, walked } = await make({ kind: 'hidden-bit', tf: 9 });
    expect(sent).toEqual(said);
    expect(walked).toMatchObject({ kind: 'damaged', findings: [{ tf: tfFirst + 9n }] });
  });

  it('ends in a TF', async () => {
    const { sent, bytes, walked } = await make({ kind: 'short-file', tf: 5 });
    expect(bytes.length).toBeLessThan(sent.size);
    expect(walked.kind === 'damaged' && walked.findings[0]).toEqual({
      tf: tfFirst + 5n,
      problem: 'the file ends in it',
    });
  });

  it('is sound without some of its TFs', async () => {
    const { sent, adler32, walked } = await make({ kind: 'missing-tf', tfs: [2, 3, 7] });
    expect(sent.checksum).toBe(`ad:${adler32}`);
    expect(walked.kind === 'sound' && walked.content.tfsMissing).toEqual([
      { tfFirst: String(tfFirst + 2n), tfEnd: String(tfFirst + 4n) },
      { tfFirst: String(tfFirst + 7n), tfEnd: String(tfFirst + 8n) },
    ]);
  });

  it('is sound and its message tells another checksum', async () => {
    const { sent, adler32, walked } = await make({ kind: 'wrong-checksum' });
    expect(walked.kind).toBe('sound');
    expect(sent.checksum).not.toBe(`ad:${adler32}`);
  });

  it('holds another STF than its name says', async () => {
    const { sent, adler32, walked } = await make({ kind: 'wrong-name' });
    expect(sent.checksum).toBe(`ad:${adler32}`);
    expect(walked).toMatchObject({ kind: 'sound', run: 1001, sequence: 5 });
  });

  it("is made as before where a sender's own `sim` is something else, which stays", async () => {
    await using folder = await aFolder();
    const files = { folder: folder.path, sizeBytes: 40_000, seed: 1, tfsPerStf: 20, bxPerTf: 65_536 };
    const sent = JSON.parse(await withFile(JSON.stringify({ ...said, sim: 'geant4' }), files));
    expect(sent).toMatchObject({ sim: 'geant4', size: (await stat(folder.at(name))).size });
  });
});
