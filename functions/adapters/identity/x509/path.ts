import { type Certificate, checkKey, hasSigned } from './certificate.ts';
import { inRfc2253, isSameName, type Name } from './name.ts';
import { policy } from './policy.ts';
import { checkProxy } from './proxy.ts';
import { refuse } from './refuse.ts';

/** The authorities that are trusted, and what they say of what they signed. */
export type Authorities = {
  /** Those of a name, roots or not. */
  readonly named: (name: Name) => readonly Certificate[];
  /** @throws certificate-refused for what its authority revoked, or where its list is too old to say so */
  readonly checkRevoked: (certificate: Certificate, issuer: Certificate, nowMs: number) => void;
  /** @throws certificate-refused for a name that the authority may not sign */
  readonly checkNamespace: (certificate: Certificate, issuer: Certificate) => void;
};

/** Whose request it is, once a chain has been found right. */
export type Verified = {
  /** Who the certificate was given to: neither a proxy nor an authority. */
  readonly holder: Certificate;
  /** A proxy on the way is limited. */
  readonly isLimited: boolean;
  /** The first end among all certificates on the way. */
  readonly validToMs: number;
};

const checkAnybody = (certificate: Certificate, nowMs: number): void => {
  const what = inRfc2253(certificate.subject);
  if (nowMs + policy.skewMs < certificate.validFromMs) refuse(`${what} is not valid yet`);
  if (nowMs >= certificate.validToMs) refuse(`${what} was valid to ${new Date(certificate.validToMs).toISOString()}`);
  if (certificate.notFollowed.length > 0)
    refuse(`${what} has a critical extension that papilio does not follow: ${certificate.notFollowed[0]}`);
  checkKey(certificate, what);
};

/** Who signed a certificate, of those of the right name. @throws certificate-refused */
const signerOf = (certificate: Certificate, among: readonly Certificate[]): Certificate => {
  const named = among.filter(({ subject }) => isSameName(subject, certificate.issuer)).slice(0, policy.chainMax);
  const signer = named.find((one) => hasSigned(one, certificate));
  const [what, issuer] = [inRfc2253(certificate.subject), inRfc2253(certificate.issuer)];
  if (named.length === 0) return refuse(`${what} was issued by ${issuer}, which is neither presented nor trusted`);
  return signer ?? refuse(`${what} has no good signature of ${issuer}`);
};

/** From a leaf down to whom it was given: through proxies, each made by the next. */
const holderOf = (leaf: Certificate, presented: readonly Certificate[], nowMs: number) => {
  let holder = leaf;
  let isLimited = false;
  let validToMs = leaf.validToMs;
  checkAnybody(leaf, nowMs);
  for (let following = 0; holder.proxy !== undefined; following++) {
    if (following >= policy.chainMax) return refuse(`more than ${policy.chainMax} proxies`);
    const maker = signerOf(holder, presented);
    isLimited = checkProxy(holder, maker, following) === 'limited' || isLimited;
    checkAnybody(maker, nowMs);
    validToMs = Math.min(validToMs, maker.validToMs);
    holder = maker;
  }
  return { holder, isLimited, validToMs };
};

const checkHolder = (holder: Certificate): void => {
  const what = inRfc2253(holder.subject);
  if (holder.subject.length === 0) refuse('the certificate has no name');
  if (holder.isAuthority) refuse(`${what} is an authority, and no person or machine`);
  if (!holder.maySign.data) refuse(`${what} has a key that may not sign`);
  if (!holder.mayBeClient) refuse(`${what} is not for clients`);
};

const checkAuthority = (authority: Certificate, following: number, nowMs: number): void => {
  const what = inRfc2253(authority.subject);
  checkAnybody(authority, nowMs);
  if (!authority.isAuthority) refuse(`${what} is no authority, and has signed as one`);
  if (!authority.maySign.certificates) refuse(`${what} has a key that may not sign certificates`);
  if (authority.pathLength !== undefined && following > authority.pathLength)
    refuse(`${what} allows ${authority.pathLength} authorities after it; ${following} follow`);
};

/**
 * Verifies what was presented, leaf first: proxies by RFC 3820, the holder and the authorities by RFC 5280, up to a root
 * that is trusted. Cost: one signature for each certificate on the way. @throws certificate-refused
 */
export const verifyPath = (chain: readonly Certificate[], authorities: Authorities, nowMs: number): Verified => {
  const [leaf, ...presented] = chain;
  if (leaf === undefined || chain.length > policy.chainMax)
    return refuse(`${chain.length} certificates; 1 to ${policy.chainMax} are taken`);
  const found = holderOf(leaf, presented, nowMs);
  checkHolder(found.holder);
  let { validToMs } = found;
  let current = found.holder;
  for (let following = 0; following < policy.authoritiesMax; following++) {
    const trusted = authorities.named(current.issuer);
    const issuer = signerOf(current, [...trusted, ...presented]);
    checkAuthority(issuer, following, nowMs);
    authorities.checkRevoked(current, issuer, nowMs);
    authorities.checkNamespace(current, issuer);
    validToMs = Math.min(validToMs, issuer.validToMs);
    if (isSameName(issuer.subject, issuer.issuer) && trusted.includes(issuer)) return { ...found, validToMs };
    current = issuer;
  }
  return refuse(`no trusted root within ${policy.authoritiesMax} authorities`);
};
