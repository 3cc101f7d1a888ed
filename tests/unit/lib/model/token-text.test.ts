import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashOfToken, idHexIn, isHashOf, looksLikeToken, tokenText } from '#lib/model/token-text';

const idHex = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 16, maxLength: 16 });
const random = fc.uint8Array({ minLength: 32, maxLength: 32 });
const token = fc.tuple(idHex, random).map(([id, bytes]) => ({ id, text: tokenText(id, bytes) }));

describe('the text of a token', () => {
  it('has one form, in which its id stands, and a scanner’s pattern finds it in any text', () => {
    fc.assert(
      fc.property(token, ({ id, text }) => {
        expect(`x = "${text}";`).toMatch(/\bpapilio_[0-9a-f]{16}_[0-9A-Za-z]{49}\b/);
        expect(idHexIn(text)).toBe(id);
        expect(looksLikeToken(text)).toBe(true);
      }),
    );
  });

  it('carries all 256 bits: two secrets never have one text', () => {
    const edges = [new Uint8Array(32), new Uint8Array(32).fill(255), new Uint8Array(32).fill(1)];
    expect(new Set(edges.map((bytes) => tokenText('0'.repeat(16), bytes))).size).toBe(3);
    fc.assert(
      fc.property(idHex, random, random, (id, a, b) => {
        expect(tokenText(id, a) === tokenText(id, b)).toBe(Buffer.from(a).equals(Buffer.from(b)));
      }),
    );
  });

  it('of which one character is another is none, and needs no look-up to be seen', () => {
    const digit = fc.constantFrom(...'0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_');
    fc.assert(
      fc.property(token, fc.nat(73), digit, ({ text }, at, other) => {
        fc.pre(text[at] !== other);
        expect(idHexIn(`${text.slice(0, at)}${other}${text.slice(at + 1)}`)).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });

  it('is not in any other text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(idHexIn(text)).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(token, fc.string({ minLength: 1 }), ({ text }, more) => {
        expect([idHexIn(text + more), idHexIn(more + text)]).toEqual([undefined, undefined]);
      }),
    );
  });

  it('is known by its hash, and no other text is', () => {
    fc.assert(
      fc.property(token, token, (one, other) => {
        expect(isHashOf(one.text, hashOfToken(one.text))).toBe(true);
        expect(isHashOf(other.text, hashOfToken(one.text))).toBe(one.text === other.text);
      }),
    );
  });
});
