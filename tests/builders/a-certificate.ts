import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** DER by hand, so that the tests of reading do not lean on what reads. */
const tlv = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const length = body.length.toString(16);
  const long = Buffer.from(length.length % 2 === 0 ? length : `0${length}`, 'hex');
  return Buffer.concat([
    Buffer.from(body.length < 0x80 ? [tag, body.length] : [tag, 0x80 | long.length]),
    ...(body.length < 0x80 ? [] : [long]),
    body,
  ]);
};
const sequence = (...parts: readonly Buffer[]) => tlv(0x30, ...parts);
const integer = (value: number | bigint): Buffer => {
  const text = value.toString(16);
  const bytes = Buffer.from(text.length % 2 === 0 ? text : `0${text}`, 'hex');
  return tlv(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
};
const oid = (text: string): Buffer => {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const base128 = (value: number): number[] => {
    const bytes = [value & 0x7f];
    for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128))
      bytes.unshift((left & 0x7f) | 0x80);
    return bytes;
  };
  return tlv(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
};
const time = (at: Date): Buffer => tlv(0x18, Buffer.from(at.toISOString().replace(/[-:T]|\.\d+/g, '')));
const boolean = (value: boolean) => tlv(0x01, Buffer.of(value ? 0xff : 0));

const attributes: Readonly<Record<string, string>> = {
  CN: '2.5.4.3',
  C: '2.5.4.6',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  DC: '0.9.2342.19200300.100.1.25',
};

/** A name: attribute and value, the root's part first. */
export type NameOf = readonly (readonly [string, string])[];

const nameDer = (name: NameOf): Buffer =>
  sequence(
    ...name.map(([attribute, value]) =>
      tlv(0x31, sequence(oid(attributes[attribute] ?? attribute), tlv(0x0c, Buffer.from(value)))),
    ),
  );

/** One extension: OID, whether it is critical, and its value as DER. */
export type ExtensionOf = readonly [id: string, isCritical: boolean, value: Buffer];

/** Extensions that tests choose from. */
export const extension = {
  authority: (pathLength?: number): ExtensionOf => [
    '2.5.29.19',
    true,
    sequence(boolean(true), ...(pathLength === undefined ? [] : [integer(pathLength)])),
  ],
  /** Bits of RFC 5280: 0x80 digitalSignature, 0x40 nonRepudiation, 0x04 keyCertSign, 0x02 cRLSign. */
  keyUsage: (bits: number): ExtensionOf => ['2.5.29.15', true, tlv(0x03, Buffer.of(0, bits))],
  extendedKeyUsage: (use: string): ExtensionOf => ['2.5.29.37', false, sequence(oid(use))],
  otherName: (host: string): ExtensionOf => ['2.5.29.17', false, sequence(tlv(0x82, Buffer.from(host)))],
  proxy: (
    language: string,
    given: { pathLength?: number; policy?: string; isCritical?: boolean } = {},
  ): ExtensionOf => [
    '1.3.6.1.5.5.7.1.14',
    given.isCritical ?? true,
    sequence(
      ...(given.pathLength === undefined ? [] : [integer(given.pathLength)]),
      sequence(oid(language), ...(given.policy === undefined ? [] : [tlv(0x04, Buffer.from(given.policy))])),
    ),
  ],
  unknown: (isCritical: boolean): ExtensionOf => ['1.3.6.1.4.1.99999.1', isCritical, sequence()],
} as const;

/** Policy languages of proxies. */
export const language = {
  all: '1.3.6.1.5.5.7.21.1',
  independent: '1.3.6.1.5.5.7.21.2',
  limited: '1.3.6.1.4.1.3536.1.1.1.9',
} as const;

/** A certificate with its key, as its holder has them. */
export type Held = { readonly der: Buffer; readonly name: NameOf; readonly key: KeyObject };

type Given = {
  readonly name: NameOf;
  /** Who signs; itself without one. */
  readonly by?: Held;
  readonly serial?: number;
  readonly from?: Date;
  readonly to?: Date;
  readonly extensions?: readonly ExtensionOf[];
  /** Who it says has issued it, if that is not who signs. */
  readonly issuer?: NameOf;
  readonly hash?: 'sha256' | 'sha1';
  readonly rsaBits?: number;
};

const ecdsa = { sha256: '1.2.840.10045.4.3.2', sha1: '1.2.840.10045.4.1' } as const;
const rsa = { sha256: '1.2.840.113549.1.1.11', sha1: '1.2.840.113549.1.1.5' } as const;

const signed = (content: Buffer, by: KeyObject, algorithm: Buffer, hash: string): Buffer =>
  sequence(content, algorithm, tlv(0x03, Buffer.of(0), createSign(hash).update(content).sign(by)));

const algorithmOf = (key: KeyObject, hash: 'sha256' | 'sha1'): Buffer =>
  key.asymmetricKeyType === 'rsa' ? sequence(oid(rsa[hash]), tlv(0x05)) : sequence(oid(ecdsa[hash]));

/** Makes a certificate; valid from 2025 to 2030 unless it is told otherwise. */
export const aCertificate = (given: Given): Held => {
  const { name, by, serial = 1, hash = 'sha256', rsaBits, extensions = [] } = given;
  const { from = new Date('2025-01-01T00:00:00Z'), to = new Date('2030-01-01T00:00:00Z') } = given;
  const { publicKey, privateKey: key } =
    rsaBits === undefined
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: rsaBits });
  const signer = by?.key ?? key;
  const algorithm = algorithmOf(signer, hash);
  const content = sequence(
    tlv(0xa0, integer(2)),
    integer(serial),
    algorithm,
    nameDer(given.issuer ?? by?.name ?? name),
    sequence(time(from), time(to)),
    nameDer(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(
      0xa3,
      sequence(
        ...extensions.map(([id, isCritical, value]) => sequence(oid(id), boolean(isCritical), tlv(0x04, value))),
      ),
    ),
  );
  return { der: signed(content, signer, algorithm, hash), name, key };
};

/** What an authority takes back, by serial number. */
export const aRevocationList = (
  by: Held,
  serials: readonly number[],
  { from = new Date('2025-01-01T00:00:00Z'), to = new Date('2030-01-01T00:00:00Z') } = {},
): Buffer => {
  const algorithm = algorithmOf(by.key, 'sha256');
  const revoked = serials.map((serial) => sequence(integer(serial), time(from)));
  const content = sequence(
    integer(1),
    algorithm,
    nameDer(by.name),
    time(from),
    time(to),
    ...(revoked.length === 0 ? [] : [sequence(...revoked)]),
  );
  return signed(content, by.key, algorithm, 'sha256');
};

/** DER as the text of a file. */
export const asPem = (kind: 'CERTIFICATE' | 'X509 CRL', der: Buffer): string =>
  `-----BEGIN ${kind}-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${kind}-----\n`;
