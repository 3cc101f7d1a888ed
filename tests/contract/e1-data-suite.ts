import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RUN_END, TFS_PER_BLOCK, TFS_PER_RUN, tfAt } from '../../functions/lib/model/tf-range.ts';
import type { E1Data, GlassAct } from '../../functions/lib/ports/e1-data.ts';
import { aFolder } from '../builders/a-folder.ts';
import { type E1Step, type E1Table, e1Step, e1Table, tfsOf } from './e1-data-table.ts';

/** Opens the E1 data that belong to a folder, again if they were opened before. */
export type OpenE1Data = (folder: string) => Promise<E1Data>;

/** The first TF of run 102363, far above 2^32, and its BX above 2^53. */
export const first = 102_363n << 27n;
export const bytesOf = (text: string): Uint8Array => Buffer.from(text);
/** So many TFs, each with bytes of its own. */
export const someTfs = (count: number, word = 'tf'): Uint8Array[] =>
  Array.from({ length: count }, (_, at) => bytesOf(`${word} ${at}`));
export const rangeOf = (from: number, count: number) => ({
  tfFirst: first + BigInt(from),
  tfEnd: first + BigInt(from + count),
});
export const anAct = (act: GlassAct['act'], from: number, count: number, id = `act-${from}`): GlassAct => ({
  id,
  act,
  ...rangeOf(from, count),
  by: 'admin',
  why: 'the detector was off',
});
const refused = { code: 'tf-exists', name: 'Conflict' };

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
/** What a range gives out: TF after TF. */
export const readAll = async (data: E1Data, from: number, count: number): Promise<Record<number, string>> => {
  const found: Record<number, string> = {};
  for await (const { tf, bytes } of data.read(rangeOf(from, count))) found[Number(tf - first)] = textOf(bytes);
  return found;
};
const listed = async (data: E1Data, from: number, count: number): Promise<number[][]> => {
  const found: number[][] = [];
  for await (const { tfFirst, tfEnd } of data.list(rangeOf(from, count)))
    found.push([Number(tfFirst - first), Number(tfEnd - first)]);
  return found;
};

const expectAppended = async (store: E1Data, table: E1Table, step: E1Step): Promise<void> => {
  const appending = store.append(first + BigInt(step.from), tfsOf(step).map(bytesOf));
  const expected = table.outcomeOf(step);
  if (expected === 'refused') await expect(appending).rejects.toMatchObject(refused);
  else expect(await appending).toMatchObject({ created: expected === 'created' });
};

type Story = { readonly table: E1Table; readonly act: string; readonly again: () => Promise<E1Data> };

/** Does a step of a story; gives the store, which another start may have opened again. */
const afterStep = async (store: E1Data, step: E1Step, { table, act, again }: Story): Promise<E1Data> => {
  if (step.kind === 'reopen') {
    await store.close();
    return again();
  }
  if (step.kind === 'append') await expectAppended(store, table, step);
  else await store.breakGlass(anAct(step.kind, step.from, step.count, act));
  return store;
};

/** What every store of E1 data keeps to. */
export const e1DataSuite = (name: string, open: OpenE1Data): void => {
  describe(`E1 data (${name})`, () => {
    let folder: ReturnType<typeof aFolder>;
    let data: E1Data;
    const reopen = async (): Promise<void> => {
      await data.close();
      data = await open(folder.path);
    };
    beforeEach(async () => {
      folder = aFolder();
      data = await open(folder.path);
    });
    afterEach(async () => {
      await data.close();
      folder[Symbol.dispose]();
    });

    test('a TF comes back as it was written: by number, by any of its crossings, in a range', async () => {
      const written = await data.append(first, someTfs(3));
      expect(written).toMatchObject({ run: 102_363, ...rangeOf(0, 3), created: true });
      await data.append(first + 5n, [bytesOf('six')]);
      for (const _ of ['as written', 'as found again']) {
        expect(textOf(await data.readTf(first + 1n))).toBe('tf 1');
        for (const crossing of [0n, 65_535n]) {
          const { tf, bytes } = await data.readBx((first + 2n) * 65_536n + crossing);
          expect([tf, textOf(bytes)]).toEqual([first + 2n, 'tf 2']);
        }
        expect(await readAll(data, 1, 100)).toEqual({ 1: 'tf 1', 2: 'tf 2', 5: 'six' });
        expect(await readAll(data, 3, 2)).toEqual({});
        expect(await listed(data, 0, 100)).toEqual([
          [0, 3],
          [5, 6],
        ]);
        await reopen();
      }
    });

    test('what was written is known by size and checksums, and read again to compare', async () => {
      const { created: _, ...written } = await data.append(first, someTfs(3));
      expect(await data.stat(first + 2n)).toEqual(written);
      expect(await data.verify(rangeOf(0, 10))).toEqual([written]);
      expect(await data.stat(first + 3n)).toBeUndefined();
      await data.protect(rangeOf(0, 10));
      expect(textOf(await data.readTf(first))).toBe('tf 0');
    });

    test('the same again changes nothing', async () => {
      const once = await data.append(first, someTfs(3));
      expect(await data.append(first, someTfs(3))).toEqual({ ...once, created: false });
      await reopen();
      expect(await data.append(first, someTfs(3))).toEqual({ ...once, created: false });
    });

    test.each([
      ['other content', 0, someTfs(3, 'other')],
      ['fewer of them', 0, someTfs(2)],
      ['more of them', 0, someTfs(4)],
      ['some of them with new ones', 2, someTfs(2)],
      ['one of them alone', 1, [bytesOf('tf 1')]],
    ])('written TFs are refused a second time: %s', async (_, from, tfs) => {
      await data.append(first, someTfs(3));
      await expect(data.append(first + BigInt(from), tfs)).rejects.toMatchObject(refused);
      await reopen();
      await expect(data.append(first + BigInt(from), tfs)).rejects.toMatchObject(refused);
      expect(await readAll(data, 0, 10)).toEqual({ 0: 'tf 0', 1: 'tf 1', 2: 'tf 2' });
    });

    test('of many writers of one range at once, one wins and the others are told', async () => {
      const contents = Array.from({ length: 8 }, (_, at) => someTfs(3, `writer ${at % 2}`));
      const outcomes = await Promise.allSettled(contents.map((tfs) => data.append(first, tfs)));
      expect(outcomes.filter((one) => one.status === 'fulfilled' && one.value.created)).toHaveLength(1);
      expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(4);
      const overlapping = await Promise.allSettled(
        [10, 11, 12].map((at) => data.append(first + BigInt(at), someTfs(3))),
      );
      expect(overlapping.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    });

    test.each([
      ['no TF', first, []],
      ['TFs of two runs', first + (1n << 27n) - 1n, someTfs(2)],
      ['a TF below 0', -1n, someTfs(1)],
      ['a TF above 2^64', 2n ** 64n, someTfs(1)],
      ['a TF of a run above the last', tfAt(RUN_END, 0), someTfs(1)],
      ['TFs on both sides of the border of a block', tfAt(1001, TFS_PER_BLOCK) - 1n, someTfs(2)],
      ['more than 16,384', first, Array.from({ length: 16_385 }, () => bytesOf(''))],
    ])('%s cannot be written', async (_, tfFirst, tfs) => {
      await expect(data.append(tfFirst, tfs)).rejects.toMatchObject({ code: 'input-invalid' });
    });

    test('the last TF of all is written and read', async () => {
      for (const [run, index] of [
        [2 ** 21 - 1, TFS_PER_BLOCK - 1],
        [RUN_END - 1, TFS_PER_RUN - 1],
      ] as const) {
        const tf = tfAt(run, index);
        await data.append(tf, [bytesOf(`last of ${run}`)]);
        expect(textOf((await data.readBx(tf * 65_536n + 65_535n)).bytes)).toBe(`last of ${run}`);
      }
    });

    test('what was not written is missing', async () => {
      await data.append(first, someTfs(1));
      await expect(data.readTf(first + 1n)).rejects.toMatchObject({ code: 'tf-missing', name: 'Missing' });
      await expect(data.readTf(0n)).rejects.toMatchObject({ code: 'tf-missing' });
    });

    test('an administrator takes TFs away, with name and reason, and for good', async () => {
      await data.append(first, someTfs(5));
      const act = await data.breakGlass(anAct('withdraw', 1, 2));
      expect(act).toMatchObject({ number: 1, by: 'admin', at: '2026-01-01T00:00:00.000Z' });
      for (const _ of ['at once', 'after a restart']) {
        expect(await readAll(data, 0, 10)).toEqual({ 0: 'tf 0', 3: 'tf 3', 4: 'tf 4' });
        await expect(data.readTf(first + 1n)).rejects.toMatchObject({
          code: 'tf-missing',
          reason: expect.stringContaining('act 1 of admin, 2026-01-01T00:00:00.000Z: the detector was off'),
        });
        await expect(data.append(first + 1n, someTfs(1))).rejects.toMatchObject(refused);
        expect(data.acts()).toEqual([act]);
        await reopen();
      }
    });

    test('an administrator lets TFs be written once more, and only once', async () => {
      await data.append(first, someTfs(5));
      await data.breakGlass(anAct('replace', 1, 2));
      await expect(data.append(first, someTfs(2, 'new'))).rejects.toMatchObject(refused);
      await data.append(first + 1n, someTfs(2, 'new'));
      for (const _ of ['at once', 'after a restart']) {
        expect(await readAll(data, 0, 10)).toEqual({ 0: 'tf 0', 1: 'new 0', 2: 'new 1', 3: 'tf 3', 4: 'tf 4' });
        await expect(data.append(first + 1n, someTfs(2, 'newer'))).rejects.toMatchObject(refused);
        await reopen();
      }
      // The same act once more is the same act: what was written after it stays.
      expect(await data.breakGlass(anAct('replace', 1, 2))).toMatchObject({ number: 1 });
      expect(textOf(await data.readTf(first + 1n))).toBe('new 0');
    });

    test.each([
      ['without a name', { by: ' ' }],
      ['without a reason', { why: '' }],
      ['over two runs', { tfFirst: first - 1n }],
      ['over nothing', { tfEnd: first }],
    ])('an act %s is refused, recorded nowhere and without effect', async (_, changes) => {
      await data.append(first, someTfs(3));
      await expect(data.breakGlass({ ...anAct('withdraw', 0, 3), ...changes })).rejects.toMatchObject({
        code: 'input-invalid',
      });
      expect(data.acts()).toEqual([]);
      expect(await readAll(data, 0, 10)).toEqual({ 0: 'tf 0', 1: 'tf 1', 2: 'tf 2' });
    });

    test('any story of appends, acts and restarts gives out what a plain table of TFs would', async () => {
      let stories = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(e1Step, { maxLength: 25 }), async (steps) => {
          const own = `${folder.path}/story-${++stories}`;
          const table = e1Table();
          let store = await open(own);
          for (const [at, step] of steps.entries()) {
            store = await afterStep(store, step, { table, act: `act-${at}`, again: () => open(own) });
            table.take(step);
            expect(await readAll(store, 0, 50)).toEqual(table.held());
          }
          await store.close();
        }),
        { numRuns: 15 },
      );
    });
  });
};
