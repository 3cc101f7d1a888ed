import { type KeyObject, X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { Certificate as AsnCertificate } from '@peculiar/asn1-x509';
import { type Extensions, readExtensions } from './extensions.ts';
import { type Name, readName } from './name.ts';
import { policy } from './policy.ts';
import { refuse } from './refuse.ts';

/** A certificate, as far as trust needs it. */
export type Certificate = Extensions & {
  readonly x509: X509Certificate;
  readonly publicKey: KeyObject;
  readonly subject: Name;
  readonly issuer: Name;
  readonly serial: string;
  readonly validFromMs: number;
  readonly validToMs: number;
  readonly signatureAlgorithm: string;
};

/** Hash functions by the signature algorithms that are taken; those with SHA-1 or MD5 are not. */
export const hashOf: Readonly<Record<string, string | null>> = {
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  // Ed25519 and Ed448 hash by themselves.
  '1.3.101.112': null,
  '1.3.101.113': null,
};

const parse = (der: Buffer): Certificate => {
  const x509 = new X509Certificate(der);
  if (!x509.raw.equals(der)) return refuse('something follows the certificate');
  const { tbsCertificate, signatureAlgorithm } = AsnConvert.parse(der, AsnCertificate);
  const { issuer, subject, serialNumber, extensions } = tbsCertificate;
  return {
    x509,
    // Read here: a key that cannot be read makes what was presented no certificate.
    publicKey: x509.publicKey,
    subject: readName(subject),
    issuer: readName(issuer),
    serial: serialOf(serialNumber),
    validFromMs: x509.validFromDate.getTime(),
    validToMs: x509.validToDate.getTime(),
    signatureAlgorithm: signatureAlgorithm.algorithm,
    ...readExtensions(extensions ?? []),
  };
};

/** A serial number without leading zeroes, as both certificates and revocation lists have it. */
export const serialOf = (number: ArrayBuffer): string => {
  const text = Buffer.from(number).toString('hex').replace(/^0+/, '');
  return text === '' ? '0' : text;
};

/** Reads one certificate. @throws certificate-refused */
export const readCertificate = (der: Buffer): Certificate => {
  if (der.length > policy.certificateMaxBytes)
    return refuse(`a certificate of ${der.length} bytes; at most ${policy.certificateMaxBytes} are taken`);
  try {
    return parse(der);
  } catch (error) {
    if (error instanceof Error && error.name === 'Denied') throw error;
    return refuse('what was presented is no certificate', error);
  }
};

/** Whether one signed the other, by a kind of signature and a key that are taken. */
export const hasSigned = (issuer: Certificate, certificate: Certificate): boolean => {
  if (!Object.hasOwn(hashOf, certificate.signatureAlgorithm)) return false;
  try {
    return certificate.x509.verify(issuer.publicKey);
  } catch {
    // A key of another kind than the signature.
    return false;
  }
};

/** @throws certificate-refused for a key that can be broken */
export const checkKey = ({ publicKey }: Certificate, what: string): void => {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey;
  if (type === 'rsa' && (details?.modulusLength ?? 0) < policy.rsaMinBits)
    refuse(`${what} has an RSA key of ${details?.modulusLength} bits; at least ${policy.rsaMinBits} are taken`);
  if (type !== 'rsa' && type !== 'ec' && type !== 'ed25519' && type !== 'ed448')
    refuse(`${what} has a key of a kind that is not taken`);
};
