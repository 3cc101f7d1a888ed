import { readFile, truncate, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c, createChecksums } from '#lib/model/checksum';
import { INDEX_ENTRY_BYTES, TRAILER_BYTES } from '#lib/model/stf-container';
import { hullOf } from '#lib/model/tf-range';
import { writeStf } from '../../../../../local/sim/daq/generator.ts';
import { openStf, StfCorrupt } from '../../../../../local/sim/daq/reader.ts';
import { aFolder, aStfSpec } from '../stf-folder.ts';

const TF_FIRST = 102_363n * 2n ** 27n + 20n;
const spec = aStfSpec({ tfsPerStf: 20 });

async function readAllOf(path: string): Promise<number> {
  await using reader = await openStf(path);
  let hits = 0;
  for await (const tf of reader.readAll()) hits += tf.hits;
  return hits;
}

/** What is wrong with the bytes, or undefined if the reader takes them; anything but StfCorrupt goes through. */
async function faultOf(path: string, bytes: Uint8Array): Promise<StfCorrupt | undefined> {
  await writeFile(path, bytes);
  return readAllOf(path).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof StfCorrupt) return error;
      throw error;
    },
  );
}

function tailAt(bytes: Buffer): number {
  return bytes.length - TRAILER_BYTES - 20 * INDEX_ENTRY_BYTES;
}

/** Makes header, index and trailer of changed bytes look whole again, as a hostile writer would. */
function reseal(bytes: Buffer): Buffer {
  const headerEnd = bytes.readUInt32LE(12);
  if (headerEnd >= 20 && headerEnd < bytes.length) {
    bytes.writeUInt32LE(crc32c(bytes.subarray(0, headerEnd - 4)), headerEnd - 4);
  }
  const trailer = bytes.length - TRAILER_BYTES;
  bytes.writeUInt32LE(crc32c(bytes.subarray(tailAt(bytes), trailer)), trailer + 16);
  bytes.writeUInt32LE(crc32c(bytes.subarray(trailer, trailer + 20)), trailer + 20);
  return bytes;
}

describe('the reader of STFs', () => {
  it('gives header, TFs in order and the checksums of the whole file', async () => {
    await using folder = await aFolder();
    const written = await writeStf(folder.at('a.stf'), spec);
    await using reader = await openStf(written.path);
    expect(reader.header).toMatchObject({
      run: 102_363,
      sequence: 1,
      tfCount: 20,
      tfsPerStf: 20,
      bxPerTf: 65_536,
      seed: 7n,
    });
    expect(reader.header).toMatchObject({ state: 'run', substate: 'physics' });
    expect(hullOf(reader.span)).toEqual({ tfFirst: written.tfFirst, tfEnd: written.tfEnd });
    const checksums = createChecksums();
    let next = written.tfFirst;
    for await (const { tf, bxFirst, bxCount } of reader.readAll(checksums)) {
      expect({ tf, bxFirst, bxCount }).toEqual({ tf: next, bxFirst: next * 65_536n, bxCount: 65_536n });
      next++;
    }
    expect(next).toBe(written.tfEnd);
    const { sizeBytes, checksumAdler32: adler32, checksumCrc32c } = written;
    expect(checksums.digest()).toEqual({ sizeBytes, adler32, crc32c: checksumCrc32c });
  });

  it('finds the TF of any crossing, and none for crossings outside', async () => {
    await using folder = await aFolder();
    await using reader = await openStf((await writeStf(folder.at('a.stf'), spec)).path);
    for (const [bx, tf] of [
      [TF_FIRST * 65_536n, TF_FIRST],
      [TF_FIRST * 65_536n + 65_535n, TF_FIRST],
      [(TF_FIRST + 20n) * 65_536n - 1n, TF_FIRST + 19n],
      [TF_FIRST * 65_536n - 1n, undefined],
      [(TF_FIRST + 20n) * 65_536n, undefined],
      [-1n, undefined],
      [0n, undefined],
    ] as const) {
      expect((await reader.tfOfBx(bx))?.tf).toBe(tf);
    }
    expect((await reader.tfAt(3))?.tf).toBe(TF_FIRST + 3n);
    expect(await reader.tfAt(20)).toBeUndefined();
  });

  it('reads TFs larger than its buffer, and files of several buffers', async () => {
    await using folder = await aFolder();
    const large = await writeStf(folder.at('a.stf'), aStfSpec({ sizeBytes: 11_000_000, tfCount: 2 }));
    const many = await writeStf(folder.at('b.stf'), aStfSpec({ sizeBytes: 11_000_000, tfCount: 300 }));
    for (const { path, sizeBytes, checksumCrc32c } of [large, many]) {
      await using reader = await openStf(path);
      const checksums = createChecksums();
      for await (const tf of reader.readAll(checksums)) expect(tf.hits).toBeGreaterThan(0);
      expect(checksums.digest()).toMatchObject({ sizeBytes, crc32c: checksumCrc32c });
    }
  });

  it('notices any single flipped bit, and names the STF and the TF it is in', async () => {
    await using folder = await aFolder();
    const good = await readFile((await writeStf(folder.at('good.stf'), spec)).path);
    const tfAt = (byte: number) => {
      for (let index = 0; index < 20; index++) {
        const entry = tailAt(good) + index * INDEX_ENTRY_BYTES;
        const first = Number(good.readBigUInt64LE(entry + 24));
        if (byte >= first && byte < first + good.readUInt32LE(entry + 32)) return TF_FIRST + BigInt(index);
      }
      return undefined;
    };
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length * 8 - 1), async (bit) => {
        const bytes = Buffer.from(good);
        bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        const fault = await faultOf(folder.at('bad.stf'), bytes);
        expect(fault?.message).toMatch(/^bad\.stf: /);
        expect(fault?.tf).toBe(tfAt(bit >> 3));
      }),
      { numRuns: 150 },
    );
  });

  it('notices flipped bits in every byte of header and trailer', async () => {
    await using folder = await aFolder();
    const good = await readFile((await writeStf(folder.at('good.stf'), spec)).path);
    const ends = [
      ...Array(good.readUInt32LE(12)).keys(),
      ...[...Array(TRAILER_BYTES).keys()].map((at) => good.length - 1 - at),
    ];
    for (const at of ends) {
      const bytes = Buffer.from(good);
      bytes.writeUInt8(bytes.readUInt8(at) ^ 0x10, at);
      expect(await faultOf(folder.at('bad.stf'), bytes), `byte ${at}`).toBeInstanceOf(StfCorrupt);
    }
  });

  it('notices a file cut short anywhere, or one with bytes behind it', async () => {
    await using folder = await aFolder();
    const { path } = await writeStf(folder.at('good.stf'), spec);
    const good = await readFile(path);
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), async (sizeBytes) => {
        await writeFile(folder.at('bad.stf'), good);
        await truncate(folder.at('bad.stf'), sizeBytes);
        await expect(readAllOf(folder.at('bad.stf'))).rejects.toBeInstanceOf(StfCorrupt);
      }),
      { numRuns: 60 },
    );
    expect(await faultOf(folder.at('bad.stf'), Buffer.concat([good, Buffer.alloc(8)]))).toBeInstanceOf(StfCorrupt);
  });

  it('notices two TFs that changed places, each whole in itself', async () => {
    await using folder = await aFolder();
    const good = await readFile((await writeStf(folder.at('good.stf'), { ...spec, sizeBytes: 3416 })).path);
    const bytes = Buffer.from(good);
    // Twenty TFs without hits are 112 bytes each.
    const [first, second, sizeBytes] = [good.readUInt32LE(12), good.readUInt32LE(12) + 112, 112];
    good.copy(bytes, first, second, second + sizeBytes);
    good.copy(bytes, second, first, first + sizeBytes);
    const fault = await faultOf(folder.at('bad.stf'), bytes);
    expect(fault?.message).toContain(`TF ${TF_FIRST}: it is not the TF that the index names`);
  });

  it('stays calm about random bytes', async () => {
    await using folder = await aFolder();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400, size: 'max' }), async (bytes) => {
        expect(await faultOf(folder.at('bad.stf'), bytes)).toBeInstanceOf(StfCorrupt);
      }),
      { numRuns: 60 },
    );
  });

  it('stays calm about hostile headers, indexes and trailers whose checksums are right', async () => {
    await using folder = await aFolder();
    const good = await readFile((await writeStf(folder.at('good.stf'), spec)).path);
    const headerBytes = good.readUInt32LE(12);
    const tail = tailAt(good);
    const byte = fc.oneof(
      fc.integer({ min: 8, max: headerBytes - 5 }),
      fc.integer({ min: tail, max: good.length - 1 }),
    );
    const changes = fc.array(fc.tuple(byte, fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const bytes = Buffer.from(good);
        for (const [at, value] of list) bytes.writeUInt8(value, at);
        const fault = await faultOf(folder.at('bad.stf'), reseal(bytes));
        expect(fault === undefined || fault.stf === 'bad.stf').toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves a missing file to the system to name', async () => {
    await expect(openStf('no/such.stf')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
