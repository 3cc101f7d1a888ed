import type { Certificate } from './certificate.ts';
import { commonName, inRfc2253, isSameName } from './name.ts';
import { refuse } from './refuse.ts';

/** What a proxy may do in its maker's name: all, or what Globus calls limited. */
const languages: Readonly<Record<string, 'full' | 'limited'>> = {
  '1.3.6.1.5.5.7.21.1': 'full',
  '1.3.6.1.4.1.3536.1.1.1.9': 'limited',
};
const independent = '1.3.6.1.5.5.7.21.2';

const checkRights = ({ language, hasPolicy }: { language: string; hasPolicy: boolean }, what: string): void => {
  if (language === independent) refuse(`${what} has no rights of who made it (independent)`);
  if (!Object.hasOwn(languages, language))
    refuse(`${what} has a policy in a language that papilio does not know: ${language}`);
  if (hasPolicy) refuse(`${what} has a policy that its language does not take`);
};

/** A proxy's name is its maker's with one common name more. */
const isNamedAfter = (proxy: Certificate, maker: Certificate): boolean => {
  const [last] = proxy.subject.slice(-1);
  return isSameName(proxy.subject.slice(0, -1), maker.subject) && last?.length === 1 && last[0]?.oid === commonName;
};

/**
 * Checks a proxy against who made it, as RFC 3820 has it (3 and 4.1).
 * @param following how many proxies follow this one
 * @throws certificate-refused
 */
export const checkProxy = (proxy: Certificate, maker: Certificate, following: number): 'full' | 'limited' => {
  const what = `proxy ${inRfc2253(proxy.subject)}`;
  const info = proxy.proxy;
  if (info === undefined) return refuse(`${what} is no proxy`);
  if (!info.isCritical) refuse(`${what} does not say critically that it is one`);
  if (proxy.isAuthority) refuse(`${what} says that it is an authority`);
  if (proxy.hasOtherNames) refuse(`${what} has other names, which no proxy may have`);
  if (proxy.saysTooMuch) refuse(`${what} says that its key signs certificates or binds its holder`);
  if (!isNamedAfter(proxy, maker)) refuse(`${what} is not named after ${inRfc2253(maker.subject)} with one CN more`);
  if (!maker.maySign.data) refuse(`${what} was made by a key that may not sign`);
  if (info.pathLength !== undefined && following > info.pathLength)
    refuse(`${what} allows ${info.pathLength} proxies after it; ${following} follow`);
  checkRights(info, what);
  return languages[info.language] ?? refuse(`${what} has a policy that papilio does not know`);
};
