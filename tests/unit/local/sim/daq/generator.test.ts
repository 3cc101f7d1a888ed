import { readdir, readFile, stat } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createChecksums } from '#lib/model/checksum';
import { truthOf, writeStf } from '../../../../../local/sim/daq/generator.ts';
import { fillOf, regimeOf } from '../../../../../local/sim/daq/generator-detectors.ts';
import { openStf } from '../../../../../local/sim/daq/reader.ts';
import { createTally, type Spectra } from '../../../../../local/sim/daq/spectrum.ts';
import { aFolder, aStfSpec } from '../stf-folder.ts';

const specs = fc
  .record({
    run: fc.nat(2 ** 21 - 1),
    sequence: fc.nat(100_000),
    seed: fc.maxSafeNat(),
    tfCount: fc.integer({ min: 1, max: 30 }),
    sizeBytes: fc.integer({ min: 6000, max: 60_000 }),
    state: fc.constantFrom('off', 'no_beam', 'beam', 'run', 'calib', 'test'),
    substate: fc.constantFrom('not_ready', 'ready', 'physics', 'standby', 'lumi', 'eic', 'epic', 'daq', 'calib'),
  })
  .map(aStfSpec);

/** Reads histograms from the bytes as docs/reference/stf-container.md has them, with none of the reader's code. */
function histogramsByTheBook(file: Buffer): Spectra {
  const detectors = Array.from({ length: file.readUInt16LE(10) }, (_, at) => {
    const offset = 80 + at * 32;
    const name = file.toString('ascii', offset + 8, offset + 32).replaceAll('\0', '');
    return { id: file.readUInt16LE(offset), name, hits: 0, charge: new Array<number>(64).fill(0) };
  });
  let tf = file.readUInt32LE(12);
  for (let index = 0; index < file.readUInt32LE(24); index++) {
    const sections = file.readUInt32LE(tf + 40);
    let hit = tf + 48 + sections * 8;
    for (let at = 0; at < sections; at++) {
      const detector = detectors.find(({ id }) => id === file.readUInt32LE(tf + 48 + at * 8));
      const end = hit + file.readUInt32LE(tf + 52 + at * 8) * 8;
      for (; hit < end && detector; hit += 8) {
        const bin = Math.floor(file.readUInt16LE(hit + 6) / 64);
        detector.charge[bin] = (detector.charge[bin] ?? 0) + 1;
        detector.hits++;
      }
    }
    tf += file.readUInt32LE(tf + 8);
  }
  return Object.fromEntries(detectors.map(({ name, hits, charge }) => [name, { hits, charge }]));
}

describe('the generator of STFs', () => {
  it('says what is in a file exactly as reading it does, whatever the seed', async () => {
    await using folder = await aFolder();
    await fc.assert(
      fc.asyncProperty(specs, async (spec) => {
        const { path } = await writeStf(folder.at('a.stf'), spec);
        await using reader = await openStf(path);
        const tally = createTally(reader.header.detectors);
        for await (const { sections } of reader.readAll()) tally.add(sections);
        const truth = truthOf(spec);
        expect(tally.spectra()).toEqual(truth.detectors);
        expect(histogramsByTheBook(await readFile(path))).toEqual(truth.detectors);
        expect(Object.values(truth.detectors).reduce((sum, { hits }) => sum + hits, 0)).toBe(truth.hits);
      }),
      { numRuns: 40 },
    );
  });

  it('reports size, checksums and numbers of the file that is there', async () => {
    await using folder = await aFolder();
    const written = await writeStf(folder.at('a.stf'), aStfSpec({ tfsPerStf: 1000 }));
    const checksums = createChecksums();
    checksums.update(await readFile(written.path));
    const { adler32, crc32c, sizeBytes } = checksums.digest();
    expect(written).toEqual({
      path: folder.at('a.stf'),
      name: 'swf.102363.000001.stf',
      sizeBytes,
      checksumAdler32: adler32,
      checksumCrc32c: crc32c,
      tfFirst: 13_738_929_292_264n,
      tfEnd: 13_738_929_292_284n,
      bxFirst: 13_738_929_292_264n * 65_536n,
      bxEnd: 13_738_929_292_284n * 65_536n,
    });
    expect(await readdir(folder.path)).toEqual(['a.stf']);
  });

  it('writes the size that was asked for, down to the last hit', async () => {
    await using folder = await aFolder();
    await fc.assert(
      fc.asyncProperty(specs, async (spec) => {
        const { path, sizeBytes } = await writeStf(folder.at('a.stf'), spec);
        expect((await stat(path)).size).toBe(sizeBytes);
        expect(spec.sizeBytes - sizeBytes).toBeLessThan(8);
        expect(spec.sizeBytes).toBeGreaterThanOrEqual(sizeBytes);
      }),
      { numRuns: 20 },
    );
  });

  it('writes the same bytes for the same spec, in every version of papilio', async () => {
    await using folder = await aFolder();
    const first = await writeStf(folder.at('a.stf'), aStfSpec());
    const again = await writeStf(folder.at('b.stf'), aStfSpec());
    expect(again.checksumCrc32c).toBe(first.checksumCrc32c);
    expect(first).toMatchObject({ checksumAdler32: 'a836b299', checksumCrc32c: '7553a7d3' });
  });

  it.each([{ seed: 8 }, { seed: 7 + 2 ** 32 }, { run: 102_364 }, { sequence: 2 }])(
    'draws other hits for %j',
    (given) => {
      expect(truthOf(aStfSpec(given)).detectors).not.toEqual(truthOf(aStfSpec()).detectors);
    },
  );

  it('makes TFs that differ, with hits sorted by time and on channels that exist', async () => {
    await using folder = await aFolder();
    const { path } = await writeStf(folder.at('a.stf'), aStfSpec());
    await using reader = await openStf(path);
    const channels = new Map(reader.header.detectors.map((detector) => [detector.id, detector.channels]));
    const counts = new Set<number>();
    for await (const { hits, sections } of reader.readAll()) {
      counts.add(hits);
      for (const { detectorId, words } of sections) {
        const times = words.filter((_, at) => at % 2 === 0);
        expect(times).toEqual(times.toSorted());
        expect(Math.max(...times)).toBeLessThan(65_536 * 256);
        expect(Math.max(...words.filter((_, at) => at % 2 === 1).map((word) => word & 0xffff))).toBeLessThan(
          channels.get(detectorId) ?? 0,
        );
      }
    }
    expect(counts.size).toBeGreaterThan(5);
  });

  it('shows the beam: collisions leave charge that a dark detector does not', () => {
    const meanBin = ({ detectors }: ReturnType<typeof truthOf>) => {
      const { hits, charge } = detectors.ecal ?? { hits: 0, charge: [] };
      return charge.reduce((sum, n, bin) => sum + n * bin, 0) / hits;
    };
    const dark = truthOf(aStfSpec({ sizeBytes: 400_000, state: 'no_beam', substate: 'not_ready' }));
    const collisions = truthOf(aStfSpec({ sizeBytes: 400_000 }));
    expect(meanBin(collisions)).toBeGreaterThan(2 * meanBin(dark));
    expect(dark.detectors.drich?.hits).toBeGreaterThan(dark.hits / 2);
    expect(collisions.detectors.drich?.hits).toBeLessThan(collisions.hits / 3);
  });

  it('shows a calibration the pedestals and gains that it says it has', async () => {
    await using folder = await aFolder();
    const spec = aStfSpec({ sizeBytes: 400_000, state: 'calib', substate: 'calib' });
    const { path } = await writeStf(folder.at('a.stf'), spec);
    await using reader = await openStf(path);
    const charges = new Map<number, number[]>();
    for await (const { sections } of reader.readAll()) {
      for (const { detectorId, words } of sections) {
        const seen = charges.get(detectorId) ?? [];
        seen.push(...[...words.filter((_, at) => at % 2 === 1)].map((word) => word >>> 16));
        charges.set(detectorId, seen);
      }
    }
    const { calibration = {} } = truthOf(spec);
    for (const { id, name } of reader.header.detectors) {
      // Five heights, as often as each other: the lowest fifth of all charges is the pedestal, the highest four gains above.
      const sorted = charges.get(id)?.toSorted((a, b) => a - b) ?? [];
      const fifth = sorted.length / 5;
      const middle = (height: number) => sorted[Math.floor((height + 0.5) * fifth)] ?? Number.NaN;
      const gain = (middle(4) - middle(0)) / 4;
      const { pedestal = 0, gain: gainTrue = 1 } = calibration[name] ?? {};
      expect([name, Math.abs(middle(0) - pedestal) < 5, Math.abs(gain / gainTrue - 1) < 0.02]).toEqual([
        name,
        true,
        true,
      ]);
    }
    expect(Object.keys(calibration)).toHaveLength(reader.header.detectors.length);
    expect(truthOf(aStfSpec()).calibration).toBeUndefined();
  });

  it('makes smaller files where less is going on', () => {
    expect(fillOf('collisions')).toBe(1);
    const hitsOf = (fill: number) => truthOf(aStfSpec({ fill })).hits;
    expect(hitsOf(fillOf('dark')) / hitsOf(1)).toBeCloseTo(fillOf('dark'), 2);
    expect(fillOf('dark')).toBeLessThan(fillOf('beam'));
  });

  it.each([
    ['no_beam', 'calib', 'pulser'],
    ['calib', 'daq', 'pulser'],
    ['run', 'physics', 'collisions'],
    ['run', 'standby', 'beam'],
    ['beam', 'ready', 'beam'],
    ['off', 'eic', 'dark'],
    ['a state to come', '', 'dark'],
  ])('takes %s/%s for %s', (state, substate, regime) => {
    expect(regimeOf(state, substate)).toBe(regime);
  });

  it.each([
    ['a size that TFs alone exceed', { sizeBytes: 1000 }, /20 TFs do not fit in 1000 bytes/],
    ['no size', { sizeBytes: Number.NaN }, /do not fit/],
    ['TFs that no reader takes', { sizeBytes: 2e9, tfCount: 1 }, /makes TFs of more than/],
    ['a seed that is none', { seed: 0.5 }, /^seed 0.5/],
    ['a run of 2^60', { run: 2 ** 60 }, /^run /],
    ['a state of 17 letters', { state: 'a'.repeat(17) }, /is not at most 16 printable/],
  ])('refuses %s and leaves no file', async (_, wrong, message) => {
    await using folder = await aFolder();
    await expect(writeStf(folder.at('a.stf'), aStfSpec(wrong))).rejects.toThrow(message);
    expect(await readdir(folder.path)).toEqual([]);
  });
});
