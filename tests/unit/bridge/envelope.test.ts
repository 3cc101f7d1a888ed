import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createIds } from '#lib/ids';
import { contentHash } from '#lib/model/content-hash';
import { DaqMessage } from '#schema/daq-message';
import { envelopeOf } from '../../../clients/bridge/envelope.ts';

const at = '2026-01-01T00:00:00.000Z';
const { message: idOf } = createIds('test', 'bnl', 1);
const envelope = (body: string, destination = '/topic/x') => envelopeOf({ destination, body }, at, idOf);

/** The same JSON with the keys of every object in reverse. */
const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, inner]) => [key, reversed(inner)]),
  );
};

describe('the hash of a message’s content', () => {
  test('does not depend on the order of keys, at any depth, nor on space', () => {
    fc.assert(
      fc.property(fc.json(), (body) => {
        const value: unknown = JSON.parse(body);
        expect(contentHash(JSON.stringify(reversed(value), null, 3))).toBe(contentHash(body));
      }),
    );
  });

  test('depends on every value and every key, and on the order of lists', () => {
    const variants = [
      '{"a":1}',
      '{"a":2}',
      '{"b":1}',
      '{"a":"1"}',
      '{"a":[1,2]}',
      '{"a":[2,1]}',
      '{"a":{"b":1}}',
      '{}',
    ];
    expect(new Set(variants.map(contentHash)).size).toBe(variants.length);
    expect(contentHash('{"__proto__":1}')).not.toBe(contentHash('{}'));
  });

  test('is 32 hex digits, also of what is no JSON, and of what is too deep', () => {
    const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
    for (const body of ['', '{', 'not json', '\uD800', deep, '['.repeat(10_000)])
      expect(contentHash(body)).toMatch(/^[0-9a-f]{32}$/);
  });
});

describe('an envelope', () => {
  test('of a recorded message has its fact, its bytes and an id of its content', () => {
    const text = readFileSync(new URL('../../fixtures/messages/daqsim.schedule-rt.jsonl', import.meta.url), 'utf8');
    const bodies = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.stringify(JSON.parse(line).body));
    const messages = bodies.map((body) => envelope(body, 'epictopic'));
    expect(new Set(messages.map(({ id }) => id)).size).toBe(bodies.length);
    for (const [index, message] of messages.entries()) {
      expect(DaqMessage.parse(message)).toEqual(message);
      expect(message).toMatchObject({
        raw: bodies[index],
        receivedAt: at,
        destination: 'epictopic',
        dialect: 'daqsim',
      });
    }
  });

  test('of what cannot be read has the problem and the bytes', () => {
    expect(envelope('{"msg_type":')).toMatchObject({
      dialect: 'unknown',
      problem: { code: 'message-unreadable' },
      raw: '{"msg_type":',
    });
  });

  test('the same content has the same id, whatever it came by and whenever', () => {
    const first = envelope('{"msg_type":"x","run_id":1}', '/topic/a');
    const second = envelopeOf(
      { destination: '/topic/b', body: '{"run_id":1,"msg_type":"x"}' },
      '2026-02-02T00:00:00.000Z',
      idOf,
    );
    expect(second.id).toBe(first.id);
  });

  test('of anything fits its schema and one message of a queue', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ unit: 'binary' }), (body, destination) => {
        const message = envelope(body, destination);
        expect(DaqMessage.parse(message)).toEqual(message);
      }),
    );
  });

  test.each([
    ['plain', 'x'],
    ['of three bytes each', '€'],
    ['of four bytes each', '😀'],
    ['that JSON escapes', '\u0001'],
    ['that are half a character', '\uD800'],
    ['quotes', '"'],
  ])('of a million characters %s fits one message of a queue', (_, character) => {
    const message = envelope(character.repeat(1_000_000), character.repeat(1000));
    expect(DaqMessage.parse(message)).toEqual(message);
    expect(message.problem?.code).toBe('message-unreadable');
    expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(200_000);
  });
});
