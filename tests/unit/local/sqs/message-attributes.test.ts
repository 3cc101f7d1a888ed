import { expect, test } from 'vitest';
import { chosenAttributes, md5OfAttributes, md5OfBody } from '../../../../local/sqs/message-attributes.ts';

test.each([
  ['Number', '235c5c510d26fb653d073faed50ae77c'],
  ['Number.java.lang.Long', '2e2e4876d8e0bd6b8c2c8f556831c349'],
])('the digest of an attribute of type %s is the one that AWS gives', (DataType, digest) => {
  expect(md5OfAttributes({ timestamp: { DataType, StringValue: '1493147359900' } })).toBe(digest);
});

test('the order in which attributes are named does not change their digest', () => {
  const a = { DataType: 'String', StringValue: 'ä' };
  const b = { DataType: 'Binary', BinaryValue: 'AQID' };
  expect(md5OfAttributes({ a, b })).toBe(md5OfAttributes({ b, a }));
  expect(md5OfAttributes({})).toBeUndefined();
  expect(md5OfBody('hello world')).toBe('5eb63bbbe01eeed093cb22bb8f5acdc3');
});

test('a receive chooses attributes by name, by prefix or all of them', () => {
  const one = { DataType: 'String', StringValue: 'x' };
  const all = { run: one, 'stf.id': one, 'stf.size': one };
  expect(Object.keys(chosenAttributes(all, ['stf.*']) ?? {})).toEqual(['stf.id', 'stf.size']);
  expect(Object.keys(chosenAttributes(all, ['run', 'other']) ?? {})).toEqual(['run']);
  expect(chosenAttributes(all, ['All'])).toEqual(all);
  expect(chosenAttributes(all, [])).toBeUndefined();
});
