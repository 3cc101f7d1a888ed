import { AsnConvert, AsnProp, AsnPropTypes, AsnType, AsnTypeTypes } from '@peculiar/asn1-schema';
import { BasicConstraints, ExtendedKeyUsage, type Extension, KeyUsage, KeyUsageFlags } from '@peculiar/asn1-x509';
import { refuse } from './refuse.ts';

/** What RFC 3820 lets the maker of a proxy say of it. */
export type ProxyInfo = {
  /** How many proxies may follow. */
  readonly pathLength?: number;
  /** OID of what the holder may do in the maker's name. */
  readonly language: string;
  readonly hasPolicy: boolean;
  readonly isCritical: boolean;
};

/** What a certificate's extensions say, as far as trust needs it. */
export type Extensions = {
  readonly isAuthority: boolean;
  /** How many authorities may follow. */
  readonly pathLength?: number;
  /** Whether the key may be used so; also if nothing is said of it. */
  readonly maySign: { readonly data: boolean; readonly certificates: boolean; readonly lists: boolean };
  /** Whether it says that its key signs certificates or binds its holder, which no proxy may say. */
  readonly saysTooMuch: boolean;
  readonly mayBeClient: boolean;
  readonly hasOtherNames: boolean;
  readonly proxy?: ProxyInfo;
  /** Critical extensions that papilio does not follow. */
  readonly notFollowed: readonly string[];
};

class ProxyPolicy {
  policyLanguage = '';
  policy?: ArrayBuffer;
}
AsnProp({ type: AsnPropTypes.ObjectIdentifier })(ProxyPolicy.prototype, 'policyLanguage');
AsnProp({ type: AsnPropTypes.OctetString, optional: true })(ProxyPolicy.prototype, 'policy');
AsnType({ type: AsnTypeTypes.Sequence })(ProxyPolicy);

class ProxyCertInfo {
  pathLength?: number;
  proxyPolicy = new ProxyPolicy();
}
AsnProp({ type: AsnPropTypes.Integer, optional: true })(ProxyCertInfo.prototype, 'pathLength');
AsnProp({ type: ProxyPolicy })(ProxyCertInfo.prototype, 'proxyPolicy');
AsnType({ type: AsnTypeTypes.Sequence })(ProxyCertInfo);

const oids = {
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  subjectAltName: '2.5.29.17',
  issuerAltName: '2.5.29.18',
  proxyCertInfo: '1.3.6.1.5.5.7.1.14',
} as const;
const clientUses: ReadonlySet<string> = new Set(['1.3.6.1.5.5.7.3.2', '2.5.29.37.0']);

/** Critical ones that are followed, or that narrow nothing that papilio reads: certificatePolicies says how it was issued. */
const followed: ReadonlySet<string> = new Set([...Object.values(oids), '2.5.29.32']);

const proxyOf = ({ extnValue, critical }: Extension): ProxyInfo => {
  const { pathLength, proxyPolicy } = AsnConvert.parse(extnValue.buffer, ProxyCertInfo);
  if (pathLength !== undefined && pathLength < 0) return refuse('a proxy has a negative path length');
  return {
    ...(pathLength === undefined ? {} : { pathLength }),
    language: proxyPolicy.policyLanguage,
    hasPolicy: proxyPolicy.policy !== undefined,
    isCritical: critical,
  };
};

/** Reads extensions. @throws certificate-refused for one that is there twice */
export const readExtensions = (extensions: Iterable<Extension>): Extensions => {
  const byOid = new Map<string, Extension>();
  for (const extension of extensions) {
    if (byOid.has(extension.extnID)) return refuse(`extension ${extension.extnID} is there twice`);
    byOid.set(extension.extnID, extension);
  }
  const parsed = <T>(oid: string, type: new () => T): T | undefined => {
    const found = byOid.get(oid);
    return found && AsnConvert.parse(found.extnValue.buffer, type);
  };
  const basic = parsed(oids.basicConstraints, BasicConstraints);
  const usage = parsed(oids.keyUsage, KeyUsage)?.toNumber();
  const uses = parsed(oids.extendedKeyUsage, ExtendedKeyUsage);
  const proxy = byOid.get(oids.proxyCertInfo);
  const has = (flag: number) => usage === undefined || (usage & flag) !== 0;
  return {
    isAuthority: basic?.cA === true,
    ...(basic?.pathLenConstraint === undefined ? {} : { pathLength: basic.pathLenConstraint }),
    maySign: {
      data: has(KeyUsageFlags.digitalSignature),
      certificates: has(KeyUsageFlags.keyCertSign),
      lists: has(KeyUsageFlags.cRLSign),
    },
    saysTooMuch: ((usage ?? 0) & (KeyUsageFlags.keyCertSign | KeyUsageFlags.nonRepudiation)) !== 0,
    mayBeClient: uses === undefined || Array.from(uses).some((oid) => clientUses.has(oid)),
    hasOtherNames: byOid.has(oids.subjectAltName) || byOid.has(oids.issuerAltName),
    ...(proxy === undefined ? {} : { proxy: proxyOf(proxy) }),
    notFollowed: [...byOid.values()]
      .filter(({ critical, extnID }) => critical && !followed.has(extnID))
      .map(({ extnID }) => extnID),
  };
};
