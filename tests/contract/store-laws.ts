import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Item, Store, Write } from '../../functions/lib/ports/store.ts';
import type { OpenStore } from './store-suite.ts';

/** A model of a store: the version and content of each record. */
type Model = ReadonlyMap<string, { readonly version: number; readonly by: number }>;

/** Applies a transaction to the model; undefined is a conflict. */
const step = (model: Model, writes: readonly Write[], by: number): Model | undefined => {
  if (writes.some((write) => (model.get(write.sk)?.version ?? 0) !== write.ifVersion)) return undefined;
  const next = new Map(model);
  for (const write of writes) {
    if (write.op === 'put') next.set(write.sk, { version: write.ifVersion + 1, by });
    if (write.op === 'delete') next.delete(write.sk);
  }
  return next;
};

type Call = { readonly writes: readonly Write[]; readonly by: number; readonly isDone: boolean };

/** Every state in which some order of the calls, each with the outcome it had, can end. */
const endsOf = (model: Model, calls: readonly Call[]): Model[] => {
  if (calls.length === 0) return [model];
  return calls.flatMap((call, at) => {
    const next = step(model, call.writes, call.by);
    if ((next !== undefined) !== call.isDone) return [];
    return endsOf(next ?? model, calls.toSpliced(at, 1));
  });
};

const someWrites = fc
  .uniqueArray(
    fc.record({
      sk: fc.constantFrom('a', 'b', 'c'),
      op: fc.constantFrom('put', 'put', 'delete', 'check'),
      ifVersion: fc.constantFrom(0, 0, 1, 2),
    }),
    { minLength: 1, maxLength: 3, selector: ({ sk }) => sk },
  )
  .map((writes) => writes);

const keyText = fc
  .oneof(fc.constantFrom('a', 'b', 'ab', 'a/b'), fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }))
  .filter((text) => !text.includes('\0'));

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Reads all pages of a query; `between` runs after each. */
const readAll = async (
  store: Store,
  query: Parameters<Store['query']>[0],
  between: () => Promise<void>,
): Promise<Item[]> => {
  const items: Item[] = [];
  for (let cursor: string | undefined, at = 0; at === 0 || cursor !== undefined; at++) {
    const page = await store.query({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    items.push(...page.items);
    cursor = page.next;
    await between();
  }
  return items;
};

/** The laws of a store, for any input, as many as `share` of the runs. Each run works on partition keys of its own. */
export const storeLaws = (opened: () => OpenStore, share = 1): void => {
  describe('laws', () => {
    let runs = 0;
    const some = (numRuns: number) => ({ numRuns: Math.ceil(numRuns * share) });
    const newPk = (): string => `law-${++runs}`;

    test('conditional transactions at once look as if one went after the other, each whole or not at all', async () => {
      const groups = fc.array(fc.array(someWrites, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 });
      await fc.assert(
        fc.asyncProperty(groups, async (batches) => {
          const { store } = opened();
          const pk = newPk();
          let by = 0;
          let ends: Model[] = [new Map()];
          for (const batch of batches) {
            const calls = batch.map((writes) => ({
              by: ++by,
              writes: writes.map((write): Write => toWrite(write, pk, by)),
            }));
            const outcomes = await Promise.allSettled(
              calls.map(({ writes }) => store.transact({ writes, events: [] })),
            );
            const seen = calls.map((call, at) => ({ ...call, isDone: outcomes[at]?.status === 'fulfilled' }));
            ends = ends.flatMap((model) => endsOf(model, seen));
            const found = await store.getMany(['a', 'b', 'c'].map((sk) => ({ pk, sk })));
            const shown = found.map((item) =>
              item === undefined ? undefined : { version: item.version, by: item.doc.by },
            );
            ends = ends
              .filter((model) =>
                isSame(
                  ['a', 'b', 'c'].map((sk) => model.get(sk)),
                  shown,
                ),
              )
              .slice(0, 1);
            expect(ends).toHaveLength(1);
          }
        }),
        some(40),
      );
    });

    test('pages of a query cover each record once and in the order of its bytes, whatever is written meanwhile', async () => {
      const keys = fc.uniqueArray(keyText, { maxLength: 12 });
      const shape = fc.record({
        keys,
        limit: fc.integer({ min: 1, max: 5 }),
        newestFirst: fc.boolean(),
        useIndex: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(shape, async ({ keys, limit, newestFirst, useIndex }) => {
          const { store, catchUp } = opened();
          const pk = newPk();
          // Half of the records share an index key: the cursor must tell them apart.
          const itemOf = (sk: string, at: number) => ({
            pk,
            sk,
            doc: {},
            indexes: { i1: { pk, sk: at % 2 === 0 ? 'same' : sk } },
          });
          await store.putMany(keys.map(itemOf));
          await catchUp();
          const rewrite = () =>
            store.putMany([...keys.map(itemOf).slice(0, 2), { pk: `${pk}-other`, sk: 'x', doc: {} }]);
          const query = { pk, limit, newestFirst, ...(useIndex ? { index: 'i1' as const } : {}) };
          const found = (await readAll(store, query, rewrite)).map(({ sk }) => sk);
          const places = keys.map((sk, at) => ({ sk, place: useIndex && at % 2 === 0 ? 'same' : sk }));
          const expected = places.sort((a, b) => byBytes(a.place, b.place) || byBytes(a.sk, b.sk)).map(({ sk }) => sk);
          expect(found).toEqual(newestFirst ? expected.reverse() : expected);
        }),
        some(60),
      );
    });

    test('ranges are those of the bytes', async () => {
      const shape = fc.record({ keys: fc.uniqueArray(keyText, { maxLength: 12 }), skFirst: keyText, skEnd: keyText });
      await fc.assert(
        fc.asyncProperty(shape, async ({ keys, skFirst, skEnd }) => {
          const pk = newPk();
          await opened().store.putMany(keys.map((sk) => ({ pk, sk, doc: {} })));
          const { items } = await opened().store.query({ pk, skFirst, skEnd });
          const isInside = (sk: string): boolean => byBytes(sk, skFirst) >= 0 && byBytes(sk, skEnd) < 0;
          expect(items.map(({ sk }) => sk)).toEqual(keys.filter(isInside).sort(byBytes));
        }),
        some(40),
      );
    });

    test('whatever JSON a document is, it comes back the same', async () => {
      await fc.assert(
        fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (doc) => {
          const key = { pk: newPk(), sk: 's' };
          await opened().store.putMany([{ ...key, doc }]);
          expect(JSON.stringify((await opened().store.get(key))?.doc)).toBe(JSON.stringify(doc));
        }),
        some(40),
      );
    });
  });
};

const toWrite = (write: { sk: string; op: string; ifVersion: number }, pk: string, by: number): Write => {
  const { sk, ifVersion } = write;
  if (write.op === 'put') return { op: 'put', pk, sk, ifVersion, doc: { by } };
  return { op: write.op === 'delete' ? 'delete' : 'check', pk, sk, ifVersion };
};

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
