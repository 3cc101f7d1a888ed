import { verify } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { CertificateList } from '@peculiar/asn1-x509';
import { type Certificate, hashOf, serialOf } from './certificate.ts';
import { inRfc2253, isSameName, type Name, readName } from './name.ts';
import { policy } from './policy.ts';
import { refuse } from './refuse.ts';

/** An authority's list of what it takes back. */
export type RevocationList = {
  readonly issuer: Name;
  readonly fromMs: number;
  /** When the next one was to come. */
  readonly toMs: number;
  readonly serials: ReadonlySet<string>;
  /** Critical extensions: a list that holds only a part, or changes since another one. */
  readonly notFollowed: readonly string[];
  readonly isSignedBy: (issuer: Certificate) => boolean;
};

/** Reads a list. @throws if it is none */
export const readRevocationList = (der: Buffer): RevocationList => {
  const { tbsCertList: list, tbsCertListRaw, signatureAlgorithm, signature } = AsnConvert.parse(der, CertificateList);
  const signed = Buffer.from(tbsCertListRaw ?? new ArrayBuffer());
  const hash = Object.hasOwn(hashOf, signatureAlgorithm.algorithm) ? hashOf[signatureAlgorithm.algorithm] : undefined;
  return {
    issuer: readName(list.issuer),
    fromMs: list.thisUpdate.getTime().getTime(),
    toMs: list.nextUpdate?.getTime().getTime() ?? Number.POSITIVE_INFINITY,
    serials: new Set((list.revokedCertificates ?? []).map(({ userCertificate }) => serialOf(userCertificate))),
    notFollowed: (list.crlExtensions ?? []).filter(({ critical }) => critical).map(({ extnID }) => extnID),
    isSignedBy: ({ publicKey }) => {
      if (hash === undefined) return false;
      try {
        return verify(hash, signed, publicKey, Buffer.from(signature));
      } catch {
        // A key of another kind than the signature.
        return false;
      }
    },
  };
};

const isGood = (list: RevocationList, issuer: Certificate, nowMs: number): boolean =>
  list.notFollowed.length === 0 && list.fromMs - policy.skewMs <= nowMs && nowMs < list.toMs && list.isSignedBy(issuer);

/**
 * An authority that has a list in the folder is believed only with one that holds now: without, what it took back could
 * pass. One without any list is believed. @throws certificate-refused
 */
export const checkRevoked = (
  lists: readonly RevocationList[],
  { certificate, issuer, nowMs }: { certificate: Certificate; issuer: Certificate; nowMs: number },
): void => {
  const own = lists.filter((list) => isSameName(list.issuer, issuer.subject));
  if (own.length === 0) return;
  const what = inRfc2253(issuer.subject);
  if (!issuer.maySign.lists) refuse(`${what} has a revocation list that its key may not sign`);
  const good = own.filter((list) => isGood(list, issuer, nowMs));
  if (good.length === 0) refuse(`${what} has no revocation list that holds now`);
  if (good.some(({ serials }) => serials.has(certificate.serial)))
    refuse(`${inRfc2253(certificate.subject)} was revoked`);
};
