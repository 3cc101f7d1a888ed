import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { claimText, redeem } from '#lib/claim';
import { claimLimitBytes } from '#schema/claim';
import { aDeps } from '../../builders/a-deps.ts';

const claimed = async (value: unknown) => {
  const { outputs } = aDeps();
  const text = await claimText('a call', JSON.stringify(value), outputs);
  return { outputs, claim: JSON.parse(text) };
};
const refusedWith = (code: string) => expect.objectContaining({ code });

describe('an input that travels as an object', () => {
  test('comes back as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const { outputs, claim } = await claimed(value);
        expect(JSON.stringify(await redeem('f', claim, () => outputs))).toBe(JSON.stringify(value));
      }),
    );
  });

  test('lies under the hash of its content: a repeat makes no second', async () => {
    const { outputs, claim } = await claimed({ n: 1 });
    expect(JSON.parse(await claimText('a call', '{"n":1}', outputs))).toEqual(claim);
    const keys: string[] = [];
    for await (const key of outputs.list('calls/')) keys.push(key);
    expect(keys).toEqual([claim.$papilio.object]);
  });

  test('has at most 64 MiB', async () => {
    const { outputs } = aDeps();
    await expect(claimText('a call', 'x'.repeat(claimLimitBytes + 1), outputs)).rejects.toEqual(
      refusedWith('message-too-large'),
    );
  });

  test('any other input is left as it is, and no object is looked at', async () => {
    const values = [null, 1, 'text', [{ $papilio: 1 }], { n: { $papilio: 1 } }];
    for (const value of values) {
      const none = () => {
        throw new Error('looked');
      };
      expect(await redeem('f', value, none)).toBe(value);
    }
  });
});

describe('a claim of a stranger', () => {
  test.each([
    ['an object that is no call’s', { object: 'runs/1/a.stf' }],
    ['a way out', { object: '../calls/x' }],
    ['a size without bound', { sizeBytes: claimLimitBytes + 1 }],
    ['a field that nobody knows', { and: 1 }],
    ['no checksum', { checksumSha256: undefined }],
  ])('that names %s is refused', async (_, change) => {
    const { outputs, claim } = await claimed({ n: 1 });
    const forged = { $papilio: { ...claim.$papilio, ...change } };
    await expect(redeem('f', forged, () => outputs)).rejects.toEqual(refusedWith('input-invalid'));
  });

  test('whose object is not there, or is another, is refused', async () => {
    const { outputs, claim } = await claimed({ n: 1 });
    const other = 'a'.repeat(64);
    const away = { $papilio: { ...claim.$papilio, object: `calls/${other}` } };
    await expect(redeem('f', away, () => outputs)).rejects.toEqual(refusedWith('object-missing'));
    for (const change of [{ checksumSha256: other }, { sizeBytes: 3 }]) {
      const wrong = { $papilio: { ...claim.$papilio, ...change } };
      await expect(redeem('f', wrong, () => outputs)).rejects.toEqual(refusedWith('object-corrupt'));
    }
  });

  test('whose object is no JSON is refused', async () => {
    const { outputs } = aDeps();
    const claim = JSON.parse(await claimText('a call', 'no JSON', outputs));
    await expect(redeem('f', claim, () => outputs)).rejects.toEqual(refusedWith('input-invalid'));
  });
});
