import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adler32, crc32c, createChecksums } from '#lib/model/checksum';

/** Adler-32 as RFC 1950 writes it, one byte after the other. */
function adlerByTheBook(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return b * 65_536 + a;
}

/** CRC-32C one bit after the other, with the reversed polynomial of RFC 3720. */
function crcByTheBook(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f6_3b78 : 0);
  }
  return ~crc >>> 0;
}

const pieces = fc.array(fc.uint8Array({ maxLength: 400, size: 'max' }), { maxLength: 6 });

describe('the checksums of a file', () => {
  it.each([
    ['', '00000001', '00000000'],
    ['a', '00620062', 'c1d04330'],
    ['123456789', '091e01de', 'e3069283'],
    ['\0'.repeat(32), '00200001', '8a9136aa'],
  ])('of %j are the published ones', (text, adler, crc) => {
    const checksums = createChecksums();
    checksums.update(Buffer.from(text));
    expect(checksums.digest()).toEqual({ adler32: adler, crc32c: crc, sizeBytes: text.length });
  });

  it('of a word that many have added up by hand is right', () => {
    expect(adler32(Buffer.from('Wikipedia'))).toBe(0x11e6_0398);
  });

  it('are those of the definition, wherever the bytes lie in memory', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700, size: 'max' }), fc.nat(9), (bytes, skip) => {
        const shifted = new Uint8Array(bytes.length + skip);
        shifted.set(bytes, skip);
        expect(adler32(shifted.subarray(skip))).toBe(adlerByTheBook(bytes));
        expect(crc32c(shifted.subarray(skip))).toBe(crcByTheBook(bytes));
      }),
    );
  });

  it('do not overflow on the heaviest bytes', () => {
    const bytes = Buffer.alloc(1_000_003, 0xff);
    expect(adler32(bytes)).toBe(adlerByTheBook(bytes));
  });

  it('do not depend on how the bytes are cut', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const [whole, cut] = [createChecksums(), createChecksums()];
        whole.update(Buffer.concat(parts));
        for (const part of parts) cut.update(part);
        expect(cut.digest()).toEqual(whole.digest());
      }),
    );
  });

  it('change with any single bit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(), (bytes, at) => {
        const flipped = bytes.slice();
        const place = at % bytes.length;
        flipped[place] = (flipped[place] ?? 0) ^ (1 << (at % 8));
        expect(adler32(flipped)).not.toBe(adler32(bytes));
        expect(crc32c(flipped)).not.toBe(crc32c(bytes));
      }),
    );
  });
});
