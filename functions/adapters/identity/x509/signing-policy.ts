import type { Certificate } from './certificate.ts';
import { inRfc2253, inSlashes } from './name.ts';
import { refuse } from './refuse.ts';

/** Which names an authority may give, by the `signing_policy` files of the grid: an authority's name, and patterns. */
export type SigningPolicy = { readonly authority: string; readonly subjects: readonly string[] };

/**
 * Reads a file such as
 *
 *   access_id_CA  X509    '/DC=org/DC=papilio/CN=Test CA'
 *   pos_rights    globus  CA:sign
 *   cond_subjects globus  '"/DC=org/DC=papilio/*" "/DC=org/DC=other/*"'
 */
export const readSigningPolicies = (text: string): readonly SigningPolicy[] => {
  const policies: SigningPolicy[] = [];
  let authority: string | undefined;
  for (const line of text.split('\n').map((one) => one.trim())) {
    const [, word, value = ''] = /^(access_id_CA\s+X509|cond_subjects\s+globus)\s+(\S.*)$/i.exec(line) ?? [];
    if (word === undefined) continue;
    if (/^access_id_CA/i.test(word)) authority = value.replace(/^['"]|['"]$/g, '');
    else if (authority !== undefined)
      policies.push({
        authority,
        subjects: [...value.matchAll(/"([^"]+)"|^'([^'"]+)'$/g)].map(([, one, other]) => one ?? other ?? ''),
      });
  }
  return policies;
};

/** `*` stands for anything. Each part is taken where it comes first, so that no name makes it look twice. */
export const matches = (pattern: string, name: string): boolean => {
  const [head = '', ...parts] = pattern.split('*');
  const tail = parts.pop();
  if (tail === undefined) return name === pattern;
  if (!name.startsWith(head)) return false;
  let at = head.length;
  for (const part of parts) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return name.length - at >= tail.length && name.endsWith(tail);
};

/** An authority with policies may only sign what one of them names. @throws certificate-refused */
export const checkNamespace = (
  policies: readonly SigningPolicy[],
  { certificate, issuer }: { certificate: Certificate; issuer: Certificate },
): void => {
  const authority = inSlashes(issuer.subject);
  const own = policies.filter((one) => one.authority === authority);
  // A root stands for itself.
  if (own.length === 0 || certificate === issuer) return;
  const name = inSlashes(certificate.subject);
  const isNamed = name !== undefined && own.some(({ subjects }) => subjects.some((pattern) => matches(pattern, name)));
  if (!isNamed)
    refuse(`${inRfc2253(certificate.subject)} is no name that ${inRfc2253(issuer.subject)} may give (signing_policy)`);
};
