import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Objects } from '../../functions/lib/ports/objects.ts';
import { aFolder } from '../builders/a-folder.ts';

/** Opens a new, empty set of objects that can read local files below `folder`. */
export type OpenObjects = (folder: string) => Promise<Objects>;

// Published vectors: Adler-32 of "Wikipedia", CRC-32C of "123456789".
const wikipedia = { bytes: Buffer.from('Wikipedia'), checksumAdler32: '11e60398' };
const digits = { bytes: Buffer.from('123456789'), checksumCrc32c: 'e3069283' };

const keysOf = async (objects: Objects, prefix: string): Promise<string[]> => {
  const keys: string[] = [];
  for await (const key of objects.list(prefix)) keys.push(key);
  return keys.sort();
};

/** What every adapter of objects keeps to. */
export const objectsSuite = (name: string, open: OpenObjects): void => {
  describe(`objects (${name})`, () => {
    let folder: ReturnType<typeof aFolder>;
    let objects: Objects;
    const aFile = (fileName: string, bytes: Uint8Array): string => {
      const path = join(folder.path, fileName);
      writeFileSync(path, bytes);
      return path;
    };

    beforeEach(async () => {
      folder = aFolder();
      objects = await open(folder.path);
    });
    afterEach(() => folder[Symbol.dispose]());

    test('a file comes back as it was, with its size and both checksums', async () => {
      const put = await objects.putFile('runs/1/a.stf', aFile('a', wikipedia.bytes));
      expect(put).toMatchObject({ created: true, sizeBytes: 9, checksumAdler32: wikipedia.checksumAdler32 });
      expect(await objects.putBytes('b', digits.bytes)).toMatchObject({ checksumCrc32c: digits.checksumCrc32c });
      expect(Buffer.from(await objects.read('runs/1/a.stf'))).toEqual(wikipedia.bytes);
      const { created, ...facts } = put;
      expect(created).toBe(true);
      expect(await objects.stat('runs/1/a.stf')).toEqual(facts);
      expect(await objects.verify('runs/1/a.stf')).toEqual(facts);
    });

    test('the same content again is a success that creates nothing', async () => {
      const first = await objects.putFile('a', aFile('a', wikipedia.bytes));
      expect(await objects.putFile('a', aFile('copy', wikipedia.bytes))).toEqual({ ...first, created: false });
      expect(await objects.putBytes('a', wikipedia.bytes)).toEqual({ ...first, created: false });
    });

    test('other content under a taken key is refused and changes nothing', async () => {
      await objects.putBytes('a', wikipedia.bytes);
      const refusal = { code: 'object-exists', name: 'Conflict', reason: expect.stringContaining('Adler-32 11e60398') };
      await expect(objects.putBytes('a', digits.bytes)).rejects.toMatchObject(refusal);
      await expect(objects.putFile('a', aFile('a', digits.bytes))).rejects.toMatchObject(refusal);
      expect(Buffer.from(await objects.read('a'))).toEqual(wikipedia.bytes);
    });

    test('of many puts of one key at once exactly one creates it', async () => {
      const contents = Array.from({ length: 8 }, (_, at) => Buffer.from(`content ${at % 2}`));
      const outcomes = await Promise.allSettled(contents.map((bytes) => objects.putBytes('a', bytes)));
      const created = outcomes.filter((outcome) => outcome.status === 'fulfilled' && outcome.value.created);
      expect(created).toHaveLength(1);
      expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(4);
      expect(await objects.verify('a')).toEqual(await objects.stat('a'));
    });

    test.each([{ sizeBytes: 8 }, { checksumAdler32: '00000001' }, { checksumCrc32c: '00000000' }])(
      'a file that is not as expected (%j) never becomes visible',
      async (expected) => {
        const path = aFile('a', wikipedia.bytes);
        await expect(objects.putFile('a', path, { expect: expected })).rejects.toMatchObject({
          code: 'object-corrupt',
          reason: expect.stringMatching(/^a: expected .* found 9 bytes, Adler-32 11e60398/),
        });
        expect(await objects.stat('a')).toBeUndefined();
        expect(await keysOf(objects, '')).toEqual([]);
        const right = { sizeBytes: 9, checksumAdler32: wikipedia.checksumAdler32 };
        expect(await objects.putFile('a', path, { expect: right })).toMatchObject({ created: true });
        await expect(objects.putFile('a', path, { expect: expected })).rejects.toMatchObject({
          code: 'object-corrupt',
        });
      },
    );

    test('a range is half-open and ends where the object ends', async () => {
      await objects.putBytes('a', digits.bytes);
      const rangeOf = async (first: number, end: number) =>
        Buffer.from(await objects.readRange('a', first, end)).toString();
      expect(await rangeOf(2, 5)).toBe('345');
      expect(await rangeOf(7, 100)).toBe('89');
      expect(await rangeOf(20, 30)).toBe('');
      expect(await rangeOf(3, 3)).toBe('');
      for (const [first, end] of [
        [-1, 2],
        [3, 2],
        [0.5, 2],
      ] as const) {
        await expect(objects.readRange('a', first, end)).rejects.toMatchObject({ code: 'input-invalid' });
      }
    });

    test('an object that is not there is missing', async () => {
      await objects.putBytes('folder/a', digits.bytes);
      for (const key of ['b', 'folder', 'folder/a/b']) {
        expect(await objects.stat(key)).toBeUndefined();
        const calls = [objects.read(key), objects.verify(key), objects.readRange(key, 0, 1)];
        for (const outcome of await Promise.allSettled(calls)) {
          expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'object-missing', name: 'Missing' } });
        }
      }
      await expect(objects.putFile('b', join(folder.path, 'nothing'))).rejects.toMatchObject({
        code: 'object-missing',
      });
    });

    const badKeys = [
      '',
      '/a',
      'a/',
      'a//b',
      '..',
      'a/../b',
      './a',
      'a/...',
      'a b',
      'a\\b',
      'a\0',
      'é',
      `a/${'b'.repeat(201)}`,
      `${'a/'.repeat(256)}a`,
    ];
    test.each(badKeys)('the key %j is refused everywhere', async (key) => {
      const calls = [
        objects.putBytes(key, digits.bytes),
        objects.putFile(key, aFile('a', digits.bytes)),
        objects.stat(key),
        objects.read(key),
      ];
      for (const outcome of await Promise.allSettled(calls)) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'object-key-invalid' } });
      }
    });

    test('a key cannot go on below an object, nor be a folder', async () => {
      await objects.putBytes('a/b', digits.bytes);
      for (const key of ['a', 'a/b/c', 'a/b/c/d']) {
        await expect(objects.putBytes(key, digits.bytes)).rejects.toMatchObject({ code: 'object-key-invalid' });
      }
      expect(await objects.putBytes('a/c', digits.bytes)).toMatchObject({ created: true });
    });

    test('a list has the keys that begin with a prefix', async () => {
      for (const key of ['run/1/a', 'run/1/b', 'run/10/a', 'run.json', 'other'])
        await objects.putBytes(key, digits.bytes);
      expect(await keysOf(objects, '')).toEqual(['other', 'run.json', 'run/1/a', 'run/1/b', 'run/10/a']);
      expect(await keysOf(objects, 'run/1')).toEqual(['run/1/a', 'run/1/b', 'run/10/a']);
      expect(await keysOf(objects, 'run/1/')).toEqual(['run/1/a', 'run/1/b']);
      expect(await keysOf(objects, 'none/')).toEqual([]);
    });

    test('whatever the bytes are, they come back the same', async () => {
      let puts = 0;
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.nat(3), async (bytes, megabytes) => {
          // Sizes around the piece of 1 MB in which files are copied.
          const whole = Buffer.concat([Buffer.alloc(megabytes * 1_000_000, 7), bytes]);
          const key = `any/${++puts}`;
          const put = await objects.putFile(key, aFile('any', whole));
          expect(put.sizeBytes).toBe(whole.length);
          expect(Buffer.compare(await objects.read(key), whole)).toBe(0);
          expect(await objects.putBytes(key, whole)).toMatchObject({ created: false });
        }),
        { numRuns: 15 },
      );
    });
  });
};
