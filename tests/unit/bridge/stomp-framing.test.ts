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
    ['a length that is too large', 'MESSAGE\ncontent-length:1001\n\nbody\0', /larger than 1000 bytes/],
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
    ['a body', 'MESSAGE\n\n', /larger than 300000 bytes/],
    ['a head', 'MESSAGE\na:', /head is larger/],
    ['heads', 'MESSAGE\na:b\n', /head is larger/],
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
