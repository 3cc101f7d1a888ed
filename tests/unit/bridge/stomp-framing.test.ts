import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFramer } from '../../../clients/bridge/stomp-framing.ts';
import { aFrame } from '../../builders/stomp-stub.ts';

/** What a framer hands on of bytes that come in pieces of these sizes, over and over. */
const cut = (bytes: Buffer, sizes: readonly number[], maxBytes?: number): Buffer[] => {
  const framer = createFramer(maxBytes);
  const pieces: Buffer[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    framer.push(bytes.subarray(at, at + size), (piece) => pieces.push(Buffer.from(piece)));
    at += size;
  }
  return pieces;
};

const header = fc.stringMatching(/^[a-z-]{1,12}$/).filter((name) => name !== 'content-length');
const headers = fc.dictionary(header, fc.stringMatching(/^[A-Za-z0-9/:. ]{0,20}$/), { noNullPrototype: true });
const counted = fc
  .tuple(headers, fc.uint8Array({ maxLength: 300 }))
  .map(([named, body]) => aFrame('MESSAGE', { ...named, 'content-length': String(body.length) }, body));
const ended = fc
  .tuple(headers, fc.uint8Array({ maxLength: 300, min: 1 }))
  .map(([named, body]) => aFrame('MESSAGE', named, body));
const beat = fc.constant(Buffer.from('\n'));

describe('the frames of a line', () => {
  test('are the same however the network cuts their bytes', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(fc.oneof(counted, ended, beat), { maxLength: 8 }), sizes, (frames, each) => {
        expect(cut(Buffer.concat(frames), each)).toEqual(frames);
      }),
    );
  });

  test('may have carriage returns before their line feeds', () => {
    const frame = Buffer.from('MESSAGE\r\nsubscription:0\r\ncontent-length:3\r\n\r\na\0b\0');
    expect(cut(frame, [1])).toEqual([frame]);
    expect(cut(frame, [frame.length])).toEqual([frame]);
  });

  test.each([
    ['no command', 'message\nsubscription:0\n\nbody\0', /no command/],
    ['another protocol', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n\0', /no command/],
    ['a header without a colon', 'MESSAGE\nsubscription\n\nbody\0', /no colon/],
    ['a carriage return within a header', 'MESSAGE\n\rcontent-length:9\n\nbody\0', /no colon/],
    ['a length that is none', 'MESSAGE\ncontent-length:4e3\n\nbody\0', /content-length is no number/],
    ['a length below zero', 'MESSAGE\ncontent-length:-1\n\nbody\0', /content-length is no number/],
    ['a length that is too short', 'MESSAGE\ncontent-length:2\n\nbody\0', /longer than its content-length/],
    ['a refusal that is too large', 'ERROR\ncontent-length:1001\n\nbody\0', /larger than 1000 bytes/],
    ['a message of which nobody waits for the end', 'MESSAGE\ncontent-length:1073741824\n\nbody\0', /larger than 1000/],
  ])('%s breaks the line', (_, text, reason) => {
    for (const size of [1, 7, 1000]) expect(() => cut(Buffer.from(text), [size], 1000)).toThrow(reason);
  });

  test('what came before a damaged one is handed on', () => {
    const good = aFrame('MESSAGE', { a: 'b' }, 'body');
    const pieces: Buffer[] = [];
    const bytes = Buffer.concat([good, Buffer.from('x\n\n')]);
    expect(() => createFramer().push(bytes, (piece) => pieces.push(piece))).toThrow(/no command/);
    expect(pieces).toEqual([good]);
  });

  test.each([
    ['a head', 'MESSAGE\na:', /head is larger/],
    ['heads', 'MESSAGE\na:b\n', /head is larger/],
    ['a refusal', 'ERROR\n\n', /larger than 300000 bytes/],
  ])('%s without an end is held only up to the limit', (_, begin, reason) => {
    const framer = createFramer(300_000);
    let sent = 0;
    const endless = (): void => {
      framer.push(Buffer.from(begin), () => undefined);
      for (; sent < 10_000_000; sent += 10_000) framer.push(Buffer.from('a:bbbbbbb\n'.repeat(1000)), () => undefined);
    };
    expect(endless).toThrow(reason);
    expect(sent).toBeLessThanOrEqual(300_000);
  });
});

describe('a message that is too large', () => {
  const limit = 1000;
  const sizes = [[1], [7], [999], [100_000], [1_000_000]];
  const bodyOf = (piece: Buffer | undefined) => String(piece).split('\n\n').slice(1).join('\n\n');

  test.each([
    ['with its length', { 'content-length': '200000' }, /^cut short, of 200000 bytes: x{65536}\0$/],
    ['up to a null', {}, /^cut short, of (200000 bytes|more than was waited for): x{900,65536}\0$/],
  ])('%s is handed on in short, and what stands around it is not touched', (_, headers, shown) => {
    const before = aFrame('MESSAGE', { ack: '1' }, 'before');
    const after = aFrame('MESSAGE', { ack: '3' }, 'after');
    const large = aFrame('MESSAGE', { ack: '2', ...headers }, 'x'.repeat(200_000));
    for (const each of sizes) {
      const [first, short, ...rest] = cut(Buffer.concat([before, large, after]), each, limit);
      expect(first).toEqual(before);
      expect(bodyOf(short)).toMatch(shown);
      expect(String(short)).toMatch(/^MESSAGE\nack:2\ncontent-length:\d+\n\n/);
      expect(cut(short ?? Buffer.alloc(0), [100_000], 100_000)).toEqual([short]);
      expect(rest).toEqual([after]);
    }
  });

  test('may be any, whole or cut in pieces: the frames around it are the same', () => {
    const small = counted.filter((frame) => frame.length <= limit);
    const large = fc.tuple(fc.boolean(), fc.integer({ min: limit, max: 80_000 })).map(([hasLength, length]) => {
      const headers = hasLength ? { 'content-length': String(length) } : {};
      return aFrame('MESSAGE', { large: 'yes', ...headers }, 'x'.repeat(length));
    });
    const frames = fc.array(fc.oneof(small, large), { maxLength: 6 });
    const each = fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(frames, each, (given, some) => {
        const isLarge = (frame: Buffer) => frame.length > limit;
        const found = cut(Buffer.concat(given), [...some, 1000], limit);
        expect(found).toHaveLength(given.length);
        for (const [at, frame] of given.entries()) {
          if (isLarge(frame)) expect(bodyOf(found[at])).toMatch(/^cut short/);
          else expect(found[at]).toEqual(frame);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('is sat through only so long', () => {
    const framer = createFramer(limit);
    const chunk = Buffer.alloc(32 * 1024 * 1024, 'x');
    const pieces: Buffer[] = [];
    framer.push(Buffer.from('MESSAGE\n\n'), (piece) => pieces.push(piece));
    const endless = () => {
      for (let sent = 0; sent < 40; sent++) framer.push(chunk, (piece) => pieces.push(piece));
    };
    expect(endless).toThrow(/larger than 1073741824 bytes/);
    expect(pieces).toHaveLength(1);
  });
});
