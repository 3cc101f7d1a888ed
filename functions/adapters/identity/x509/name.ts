import { createHash } from 'node:crypto';
import type { Name as AsnName } from '@peculiar/asn1-x509';
import { policy } from './policy.ts';

/** One part of a name: an attribute and its value. */
export type Attribute = { readonly oid: string; readonly value: string };

/** A distinguished name, the root's part first, as the certificate has it. */
export type Name = readonly (readonly Attribute[])[];

const shortNames: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
};
export const commonName = '2.5.4.3';

/** The name out of its ASN.1. */
export const readName = (name: AsnName): Name =>
  Array.from(name, (part) => Array.from(part, ({ type, value }) => ({ oid: type, value: value.toString() })));

const key = (part: readonly Attribute[]): string => JSON.stringify(part.map(({ oid, value }) => [oid, value]).sort());

/** Whether two names are the same: attribute by attribute and letter by letter, in whatever encoding. */
export const isSameName = (one: Name, other: Name): boolean =>
  one.length === other.length && one.every((part, at) => key(part) === key(other[at] ?? []));

/** A name as the key of a table. */
export const nameKey = (name: Name): string => name.map(key).join('/');

const hex = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `\\${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('');

/** A value as RFC 2253 writes it; `@`, which stands in names of other kinds of people, is escaped where asked for. */
const escaped = (value: string, also = ''): string =>
  value
    .replace(/[\\,+"<>;]/g, (one) => `\\${one}`)
    .replace(/^[ #]/, (one) => `\\${one}`)
    .replace(/ $/, '\\ ')
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, hex)
    .replaceAll(also === '' ? /(?!)/g : also, hex);

const partIn2253 = (part: readonly Attribute[], also?: string): string =>
  part.map(({ oid, value }) => `${shortNames[oid] ?? oid}=${escaped(value, also)}`).join('+');

/** `CN=Ada Example,DC=papilio,DC=org`: the form of RFC 2253, the root's part last. */
export const inRfc2253 = (name: Name): string =>
  [...name]
    .reverse()
    .map((part) => partIn2253(part))
    .join(',');

/**
 * `/DC=org/DC=papilio/CN=Ada Example`: Globus' form, the root's part first. It has no escapes: a name that could be read
 * in two ways has none. `/CN=host/a.example.org` can be read in one.
 */
export const inSlashes = (name: Name): string | undefined => {
  const isPlain = name.every(
    ([first, ...more]) =>
      first !== undefined && more.length === 0 && !/\/[A-Za-z][A-Za-z0-9.]*=|\p{C}/u.test(first.value),
  );
  if (!isPlain) return undefined;
  return name.map(([first]) => `/${shortNames[first?.oid ?? ''] ?? first?.oid}=${first?.value}`).join('');
};

/**
 * What acts of the certificate's holder are done by: the name as RFC 2253 writes it, in which `@` is `\40`, so that it is
 * never that of an issuer's token; what is too long is cut, and ends in 16 hex of the hash of the whole.
 */
export const principalIdOf = (name: Name): string => {
  const whole = [...name]
    .reverse()
    .map((part) => partIn2253(part, '@'))
    .join(',');
  if (whole.length <= policy.idMax) return whole;
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, 16);
  // No name has a backslash before a tilde.
  return `${whole.slice(0, policy.idMax - hash.length - 2)}\\~${hash}`;
};
