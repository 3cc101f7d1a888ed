import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { batches } from '../../../../../local/stepfunctions/distributed/batches.ts';
import type { BatchRequest } from '../../../../../local/stepfunctions/distributed/map-request.ts';
import type { Json } from '../../../../../local/stepfunctions/json.ts';

const taken = async (items: readonly Json[], request?: BatchRequest) => {
  async function* stream(): AsyncGenerator<Json> {
    yield* items;
  }
  const all = [];
  for await (const batch of batches(stream(), 0, request)) all.push(batch);
  return all;
};

test('without a batcher each item is an input', async () => {
  expect(await taken([1, 'a'])).toEqual([
    { itemCount: 1, input: 1 },
    { itemCount: 1, input: 'a' },
  ]);
});

// https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html
test('a batch has its items, and before them what all batches have', async () => {
  const request = { maxItems: 2, input: { factCheck: 'December 2022' } };
  expect((await taken([1, 2, 3], request)).map(({ input }) => JSON.stringify(input))).toEqual([
    '{"BatchInput":{"factCheck":"December 2022"},"Items":[1,2]}',
    '{"BatchInput":{"factCheck":"December 2022"},"Items":[3]}',
  ]);
});

test('batches keep order and number of items, and both limits; none could take the next item too', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ maxLength: 30 })),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 80, max: 200 }),
      async (items, maxItems, maxBytes) => {
        const all = await taken(items, { maxItems, maxBytes, input: 'x' });
        const inputs = all.map(({ input }) => JSON.parse(JSON.stringify(input)).Items);
        expect(inputs.flat()).toEqual(items);
        for (const [at, { itemCount, input }] of all.entries()) {
          expect(inputs[at]).toHaveLength(itemCount);
          expect(itemCount).toBeLessThanOrEqual(maxItems);
          expect(Buffer.byteLength(JSON.stringify(input))).toBeLessThanOrEqual(maxBytes);
          const next = inputs[at + 1]?.[0];
          const larger = JSON.stringify({ BatchInput: 'x', Items: [...inputs[at], next] });
          if (next !== undefined && itemCount < maxItems) expect(Buffer.byteLength(larger)).toBeGreaterThan(maxBytes);
        }
      },
    ),
  );
});

test('an item that no batch has room for is refused by its number', async () => {
  await expect(taken(['a', 'x'.repeat(90)], { maxBytes: 80 })).rejects.toMatchObject({
    error: 'States.DataLimitExceeded',
    reason: expect.stringContaining('Item 1'),
  });
  await expect(taken(['x'.repeat(262_144)])).rejects.toMatchObject({ error: 'States.DataLimitExceeded' });
});
