import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { depthOf } from '../../../functions/api/plugins/json.ts';
import { adminToken, anApi } from '../../builders/an-api.ts';

const depthOfValue = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOfValue));
};

describe('the depth of a text', () => {
  it('is that of the value it stands for, whatever its strings hold', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), fc.string(), (value, odd) => {
        const whole = { [`[{${odd}`]: value, odd: `\\"[[{${odd}\\` };
        expect(depthOf(JSON.stringify(whole))).toBe(depthOfValue(whole));
      }),
    );
  });

  it('of what is no JSON is a number too', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => depthOf(text) >= 0));
    expect(depthOf('"\\')).toBe(0);
    expect(depthOf(']]]][')).toBe(0);
  });
});

describe('a body', () => {
  const post = (api: Awaited<ReturnType<typeof anApi>>, payload: string) =>
    api.app.inject({
      method: 'POST',
      url: '/v1/workflows/test',
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      payload,
    });

  it.each([
    ['nested 10^5 deep in arrays', `{"definition":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['nested 10^5 deep in objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['of 10^6 brackets that open', '['.repeat(1_000_000)],
    ['with __proto__', '{"definition":"{}","__proto__":{"isAdmin":true}}'],
    ['with constructor.prototype', '{"definition":"{}","constructor":{"prototype":{"isAdmin":true}}}'],
    ['with nothing', ''],
    ['that is no JSON', '{"definition":'],
  ])('%s is refused with a problem', async (_, payload) => {
    await using api = await anApi();
    const answer = await post(api, payload);
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(answer.statusCode).toBeLessThan(500);
    expect(answer.json()).toMatchObject({ code: 'input-invalid' });
    expect(Object.hasOwn(Object.prototype, 'isAdmin')).toBe(false);
  });
});
