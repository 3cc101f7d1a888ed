import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { defineBatchFunction, defineFunction } from '#lib/function';
import type { Log } from '#lib/log';
import { aContext, aDeps, aQueueEvent, type TestDeps } from '../../builders/a-deps.ts';

const Input = z.object({ n: z.number() });
const double = (effect: 'none' | 'named' | 'irreversible' = 'named', calls: number[] = []) =>
  defineFunction({
    name: 'catalogue-stf',
    effect,
    input: Input,
    output: z.object({ twice: z.number() }),
    run: async ({ n }) => {
      calls.push(n);
      if (n === 13) throw new PapilioError('facility-unavailable', 'thirteen');
      if (n === 14) throw new TypeError('fourteen');
      return { twice: n === 15 ? Number.NaN : n * 2 };
    },
  });
const load = (deps: TestDeps) => async () => deps;
const failed = (...ids: string[]) => ({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });

/** A log that keeps its lines. */
const keptLog = () => {
  const lines: { level: string; message: string; fields: object }[] = [];
  const keep = (level: string) => (fields: object, message: string) => {
    lines.push({ level, message, fields });
  };
  const log: Log = { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') };
  return { lines, log };
};

describe('a direct call', () => {
  test('gives the output', async () => {
    const handler = double().handlerWith(load(aDeps()));
    expect(await handler({ n: 4 }, aContext())).toEqual({ twice: 8 });
  });

  test.each([
    ['an input that does not fit', { n: 'four' }, 'Invalid', 'input-invalid'],
    ['no input', undefined, 'Invalid', 'input-invalid'],
    ['an output outside its schema', { n: 15 }, 'Bug', 'output-invalid'],
    ['an error of the catalogue', { n: 13 }, 'SiteFault', 'facility-unavailable'],
    ['any other error', { n: 14 }, 'Bug', 'bug'],
  ])('%s is thrown under its kind', async (_, input, name, code) => {
    const handler = double().handlerWith(load(aDeps()));
    await expect(handler(input, aContext())).rejects.toMatchObject({ name, code });
  });

  test('a failure is logged once with its code and request, a bug as an error', async () => {
    const { lines, log } = keptLog();
    const handler = double().handlerWith(load(aDeps({ log })));
    await expect(handler({ n: 13 }, aContext('r1'))).rejects.toThrow();
    await expect(handler({ n: 14 }, aContext('r2'))).rejects.toThrow();
    expect(lines).toMatchObject([
      { level: 'info', message: 'function failed', fields: { code: 'facility-unavailable', requestId: 'r1' } },
      { level: 'error', message: 'function failed', fields: { code: 'bug', requestId: 'r2' } },
    ]);
  });
});

describe('messages of a queue', () => {
  test('are called one by one, and only those that failed are delivered again', async () => {
    const calls: number[] = [];
    const handler = double('named', calls).handlerWith(load(aDeps()));
    const event = aQueueEvent({ a: { n: 1 }, b: { n: 13 }, c: { n: 'x' }, d: '{"n":', e: { n: 2 }, f: { n: 14 } });
    const answer = await handler(event, aContext());
    expect(answer).toEqual({
      batchItemFailures: expect.arrayContaining(failed('b', 'c', 'd', 'f').batchItemFailures),
      passing: ['b'],
    });
    expect(answer).toHaveProperty('batchItemFailures.length', 4);
    expect(calls.toSorted()).toEqual([1, 13, 14, 2]);
  });

  test('that all went well leave nothing', async () => {
    const handler = double().handlerWith(load(aDeps()));
    expect(await handler(aQueueEvent({ a: { n: 1 } }), aContext())).toEqual(failed());
  });
});

describe('an irreversible effect', () => {
  test('is not begun twice for the same request', async () => {
    const calls: number[] = [];
    const handler = double('irreversible', calls).handlerWith(load(aDeps()));
    expect(await handler({ n: 1 }, aContext('r1'))).toEqual({ twice: 2 });
    await expect(handler({ n: 1 }, aContext('r1'))).rejects.toMatchObject({ code: 'needs-a-person' });
    expect(await handler({ n: 1 }, aContext('r2'))).toEqual({ twice: 2 });
    expect(calls).toEqual([1, 1]);
  });

  test('that failed waits for a person, and one with a bad input never began', async () => {
    const handler = double('irreversible').handlerWith(load(aDeps()));
    await expect(handler({ n: 'x' }, aContext('r1'))).rejects.toMatchObject({ code: 'input-invalid' });
    await expect(handler({ n: 13 }, aContext('r1'))).rejects.toMatchObject({ code: 'facility-unavailable' });
    await expect(handler({ n: 13 }, aContext('r1'))).rejects.toMatchObject({ code: 'needs-a-person' });
  });

  test('is claimed by message where it is fed by a queue', async () => {
    const calls: number[] = [];
    const handler = double('irreversible', calls).handlerWith(load(aDeps()));
    const event = aQueueEvent({ a: { n: 1 }, b: { n: 2 } });
    expect(await handler(event, aContext())).toEqual(failed());
    expect(await handler(event, aContext())).toHaveProperty('batchItemFailures.length', 2);
    expect(calls).toEqual([1, 2]);
  });

  test('does not begin while the store is away', async () => {
    const calls: number[] = [];
    const deps = aDeps();
    const transact = async () => {
      throw new PapilioError('store-unavailable', 'away');
    };
    const handler = double('irreversible', calls).handlerWith(load({ ...deps, store: { ...deps.store, transact } }));
    await expect(handler({ n: 1 }, aContext())).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(calls).toEqual([]);
  });
});

describe('a function that takes its messages together', () => {
  const batch = (seen: (readonly string[])[] = []) =>
    defineBatchFunction({
      name: 'assign-jobs',
      effect: 'named',
      input: Input,
      runBatch: async (items) => {
        seen.push(items.map(({ itemId }) => itemId));
        if (items.some(({ input }) => input.n === 14)) throw new TypeError('fourteen');
        return items.filter(({ input }) => input.n === 13).map(({ itemId }) => itemId);
      },
    });

  test('gets those that can be read, and the others are delivered again', async () => {
    const seen: (readonly string[])[] = [];
    const { lines, log } = keptLog();
    const handler = batch(seen).handlerWith(load(aDeps({ log })));
    const event = aQueueEvent({ a: { n: 1 }, b: 'no json', c: { n: 13 }, d: {} });
    expect(await handler(event, aContext())).toEqual(failed('b', 'd', 'c'));
    expect(seen).toEqual([['a', 'c']]);
    expect(lines.map(({ level, message }) => `${level} ${message}`)).toEqual(Array(2).fill('error message unreadable'));
  });

  test('is not called for nothing', async () => {
    const seen: (readonly string[])[] = [];
    expect(await batch(seen).handlerWith(load(aDeps()))(aQueueEvent({ a: {} }), aContext())).toEqual(failed('a'));
    expect(seen).toEqual([]);
  });

  test.each([[{ n: 1 }], [{ Records: [] }], [undefined]])('refuses what no queue sends: %j', async (event) => {
    await expect(batch().handlerWith(load(aDeps()))(event, aContext())).rejects.toMatchObject({
      code: 'input-invalid',
    });
  });

  test('fails as a whole only for what it did not think of', async () => {
    const handler = batch().handlerWith(load(aDeps()));
    await expect(handler(aQueueEvent({ a: { n: 14 } }), aContext())).rejects.toMatchObject({ name: 'Bug' });
  });
});
