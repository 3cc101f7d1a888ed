import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createReach } from '../../../../../local/engine/http/reach.ts';

const nothing = createReach();

describe('addresses that may be called', () => {
  test.each([
    ...[
      '127.0.0.1',
      '127.8.8.8',
      '0.0.0.0',
      '10.1.2.3',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '169.254.169.254',
    ],
    ...['100.64.0.1', '198.18.0.1', '224.0.0.1', '255.255.255.255', '192.0.2.1'],
    ...[
      '::1',
      '::',
      'fe80::1',
      'fe80::1%eth0',
      'fc00::1',
      'fd12:3456::1',
      'ff02::1',
      'fec0::1',
      '2001:db8::1',
      '2002:7f00:1::',
    ],
    ...['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:169.254.169.254', '::127.0.0.1', '64:ff9b::7f00:1', '2001:0:1::1'],
  ])('%s is refused', (address) => {
    expect(nothing.refusal('a.example', address)).toContain(address);
  });

  test.each(['1.1.1.1', '8.8.8.8', '172.15.0.1', '172.32.0.1', '100.128.0.1', '::ffff:8.8.8.8', '2606:4700::1111'])(
    '%s is allowed',
    (address) => {
      expect(nothing.refusal('a.example', address)).toBeUndefined();
    },
  );

  test('IPv4 that is written as IPv6 is judged as the same address', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const isRefused = (text: string) => nothing.refusal('a', text) !== undefined;
        expect(isRefused(`::ffff:${address}`)).toBe(isRefused(address));
      }),
    );
  });

  test('a host name opens each address of that host alone', () => {
    const reach = createReach(['Gateway.Lab']);
    expect(reach.refusal('gateway.lab', '10.0.0.1')).toBeUndefined();
    expect(reach.refusal('other.lab', '10.0.0.1')).toContain('--allow-private-http');
  });

  test.each([
    ['10.0.0.0/8', '10.9.9.9', '192.168.0.1'],
    ['127.0.0.1', '::ffff:127.0.0.1', '127.0.0.2'],
    ['fd00::/8', 'fd00::1', 'fe80::1'],
  ])('%s opens %s and not %s', (opened, allowed, refused) => {
    const reach = createReach([opened]);
    expect(reach.refusal('a', allowed)).toBeUndefined();
    expect(reach.refusal('a', refused)).toBeDefined();
  });

  test.each(['10.0.0.0/33', '10.0.0.0/8/8', 'http://a', '10.0.0.0/-1', 'a b', ''])('%j is no entry', (entry) => {
    expect(() => createReach([entry])).toThrow('neither a host name nor an address nor a network');
  });
});
