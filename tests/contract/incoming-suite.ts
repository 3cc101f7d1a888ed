import { isAbsolute } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Incoming } from '#ports/incoming';

/** DAQ's folder, and how DAQ puts a file into it. */
export type OpenIncoming = { readonly incoming: Incoming; readonly leave: (name: string) => Promise<void> };

const name = 'swf.102363.000001.stf';
const invalid = { code: 'stf-name-invalid', name: 'Invalid' };
const hostile = [
  '',
  '.',
  '..',
  '../a',
  '/etc/passwd',
  'a/b',
  'a\\b',
  '.hidden',
  'a\0b',
  'a\nb',
  'a b',
  'ä',
  '-rf',
  '~',
  'x'.repeat(202),
];

/** What every folder of DAQ's files keeps to. */
export const incomingSuite = (kind: string, open: () => Promise<OpenIncoming>): void => {
  describe(`incoming, ${kind}`, () => {
    test('a file is there once DAQ has left it, and its path is absolute before that', async () => {
      const { incoming, leave } = await open();
      expect(await incoming.has(name)).toBe(false);
      const path = incoming.path(name);
      expect([isAbsolute(path), path.endsWith(`/${name}`)]).toEqual([true, true]);
      await leave(name);
      expect(await incoming.has(name)).toBe(true);
      expect(incoming.path(name)).toBe(path);
    });

    test('a file that is removed is gone, again it is nothing, and others stay', async () => {
      const { incoming, leave } = await open();
      await leave(name);
      await leave('swf.102363.000002.stf');
      await incoming.remove(name);
      await incoming.remove(name);
      expect(await incoming.has(name)).toBe(false);
      expect(await incoming.has('swf.102363.000002.stf')).toBe(true);
    });

    test.each(hostile)('%j names no file', async (text) => {
      const { incoming, leave } = await open();
      await leave(name);
      expect(() => incoming.path(text)).toThrow(expect.objectContaining(invalid));
      await expect(incoming.has(text)).rejects.toMatchObject(invalid);
      await expect(incoming.remove(text)).rejects.toMatchObject(invalid);
      expect(await incoming.has(name)).toBe(true);
    });

    test('no name leads out of the folder', async () => {
      const { incoming } = await open();
      const folder = incoming.path('a').slice(0, -2);
      const parts = fc.array(fc.constantFrom('..', '.', '/', '\\', 'a', '\0', '%2e', '~'), { maxLength: 8 });
      fc.assert(
        fc.property(
          fc.oneof(
            fc.string({ unit: 'binary' }),
            parts.map((some) => some.join('')),
          ),
          (text) => {
            try {
              expect(incoming.path(text)).toBe(`${folder}/${text}`);
              expect(text).toMatch(/^[A-Za-z0-9._-]+$/);
            } catch (error) {
              expect(error).toMatchObject(invalid);
            }
          },
        ),
      );
    });
  });
};
