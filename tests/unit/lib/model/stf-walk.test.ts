import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeIndex, INDEX_ENTRY_BYTES, TRAILER_BYTES } from '#lib/model/stf-container';
import { createStfWalk, type Walked } from '#lib/model/stf-walk';
import { writeStf } from '../../../../local/sim/daq/generator.ts';
import { aFolder, aStfSpec } from '../../local/sim/stf-folder.ts';

const TF_FIRST = 102_363n * 2n ** 27n + 20n;
let whole: Buffer;
let gapped: Buffer;

beforeAll(async () => {
  await using folder = await aFolder();
  const spec = aStfSpec({ tfsPerStf: 20 });
  whole = await readFile((await writeStf(folder.at('a.stf'), spec)).path);
  gapped = await readFile((await writeStf(folder.at('b.stf'), { ...spec, missing: [0, 7, 8, 19] })).path);
});

const walked = (bytes: Uint8Array, cuts: readonly number[] = []): Walked => {
  const walk = createStfWalk();
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  edges.slice(1).forEach((end, at) => {
    walk.update(bytes.subarray(edges[at], end));
  });
  return walk.end();
};
const findingsOf = (bytes: Uint8Array) => {
  const result = walked(bytes);
  return result.kind === 'damaged' ? result.findings : undefined;
};
const entriesOf = (bytes: Buffer, count: number) =>
  decodeIndex(bytes.subarray(bytes.length - TRAILER_BYTES - count * INDEX_ENTRY_BYTES, bytes.length - TRAILER_BYTES));
const flipped = (bytes: Buffer, bit: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(bit >>> 3) ^ (1 << (bit & 7)), bit >>> 3);
  return copy;
};

describe('a walk through an STF', () => {
  test('says which TFs are in it, and where its index begins', () => {
    const tfEnd = String(TF_FIRST + 20n);
    expect(walked(whole)).toEqual({
      kind: 'sound',
      run: 102_363,
      sequence: 1,
      content: {
        layout: 'papilio-stf-1',
        tfsPerStf: 20,
        bxPerTf: 65_536,
        tfCount: 20,
        tfRanges: [{ tfFirst: String(TF_FIRST), tfEnd }],
        tfsMissing: [],
        indexFirstByte: whole.length - TRAILER_BYTES - 20 * INDEX_ENTRY_BYTES,
        state: 'run',
        substate: 'physics',
      },
    });
  });

  test('says which TFs are missing from a sound file', () => {
    const at = (place: bigint) => String(TF_FIRST + place);
    expect(walked(gapped)).toMatchObject({
      kind: 'sound',
      content: {
        tfCount: 16,
        tfRanges: [
          { tfFirst: at(1n), tfEnd: at(7n) },
          { tfFirst: at(9n), tfEnd: at(19n) },
        ],
        tfsMissing: [
          { tfFirst: at(0n), tfEnd: at(1n) },
          { tfFirst: at(7n), tfEnd: at(9n) },
          { tfFirst: at(19n), tfEnd: at(20n) },
        ],
      },
    });
  });

  test('is the same however the bytes are cut', () => {
    const expected = walked(whole);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 50 }), (cuts) => {
        expect(walked(whole, cuts)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
    expect(
      walked(
        whole,
        Array.from({ length: 3000 }, (_, at) => at),
      ),
    ).toEqual(expected);
  });

  test('finds any flipped bit, and names the TF that it is in', () => {
    const entries = entriesOf(whole, 20);
    fc.assert(
      fc.property(fc.nat(whole.length * 8 - 1), (bit) => {
        const byte = bit >>> 3;
        const hit = entries.find((entry) => byte >= entry.offsetBytes && byte < entry.offsetBytes + entry.sizeBytes);
        const findings = findingsOf(flipped(whole, bit));
        expect(findings).not.toBeUndefined();
        if (hit !== undefined) expect(findings?.map(({ tf }) => tf)).toEqual([hit.tf]);
      }),
      { numRuns: 400 },
    );
  });

  test('names every damaged TF of a file', () => {
    const [, second, , fourth] = entriesOf(whole, 20);
    const bytes = [second, fourth].reduce(
      (damaged, entry) => flipped(damaged, ((entry?.offsetBytes ?? 0) + 100) * 8),
      whole,
    );
    expect(findingsOf(bytes)).toEqual([
      { tf: TF_FIRST + 1n, problem: 'its CRC-32C is wrong' },
      { tf: TF_FIRST + 3n, problem: 'its CRC-32C is wrong' },
    ]);
  });

  test('finds any truncation, and says after which TF the file ends', () => {
    fc.assert(
      fc.property(fc.integer({ min: 16, max: whole.length - 1 }), (sizeBytes) => {
        expect(findingsOf(whole.subarray(0, sizeBytes))).not.toBeUndefined();
      }),
      { numRuns: 200 },
    );
    const [, second] = entriesOf(whole, 20);
    const inSecond = (second?.offsetBytes ?? 0) + 200;
    expect(findingsOf(whole.subarray(0, inSecond))?.[0]).toEqual({ tf: TF_FIRST + 1n, problem: 'the file ends in it' });
  });

  test('finds a TF of another STF between its own', async () => {
    await using folder = await aFolder();
    const other = await readFile((await writeStf(folder.at('c.stf'), aStfSpec({ tfsPerStf: 20, sequence: 9 }))).path);
    const bytes = Buffer.from(whole);
    const [first] = entriesOf(other, 20);
    const start = entriesOf(whole, 20)[0]?.offsetBytes ?? 0;
    other.copy(bytes, start, first?.offsetBytes, (first?.offsetBytes ?? 0) + 48);
    expect(findingsOf(bytes)).not.toBeUndefined();
  });

  test('knows nothing of other files, and is calm about any bytes', () => {
    expect(walked(Buffer.from('content of 1'))).toEqual({ kind: 'unknown' });
    expect(walked(Buffer.alloc(0))).toEqual({ kind: 'unknown' });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(2000), (noise, keep) => {
        expect(['unknown', 'damaged']).toContain(walked(noise).kind);
        expect(['unknown', 'damaged']).toContain(walked(Buffer.concat([whole.subarray(0, keep), noise])).kind);
      }),
      { numRuns: 300 },
    );
  });
});
