import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PapilioError } from '#lib/errors';
import type { Log } from '#lib/log';
import { type Certificate, readCertificate } from './certificate.ts';
import { nameKey } from './name.ts';
import type { Authorities } from './path.ts';
import { checkRevoked, type RevocationList, readRevocationList } from './revocation.ts';
import { checkNamespace, readSigningPolicies, type SigningPolicy } from './signing-policy.ts';

/** The files of a folder of authorities, as grids have it: `.pem`, `.crt` or `<hash>.0`, `<hash>.r0`, `.signing_policy`. */
const isOurs = (name: string): boolean => /\.(pem|crt|crl|\d+|r\d+|signing_policy)$/.test(name);

const fileMaxBytes = 32_000_000;

type Found = {
  readonly certificates: Map<string, Certificate>;
  readonly lists: RevocationList[];
  readonly policies: SigningPolicy[];
};

const certificatePart = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g;
const listPart = /-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----/g;

const partsOf = (text: string, kind: RegExp): Buffer[] =>
  [...text.matchAll(kind)].map(([, body = '']) => Buffer.from(body, 'base64'));

const add = (found: Found, name: string, text: string): void => {
  if (name.endsWith('.signing_policy')) {
    found.policies.push(...readSigningPolicies(text));
    return;
  }
  for (const der of partsOf(text, certificatePart)) {
    const certificate = readCertificate(der);
    found.certificates.set(certificate.x509.fingerprint256, certificate);
  }
  found.lists.push(...partsOf(text, listPart).map(readRevocationList));
};

const groupByName = (certificates: Iterable<Certificate>): ReadonlyMap<string, readonly Certificate[]> => {
  const named = new Map<string, Certificate[]>();
  for (const certificate of certificates) {
    const key = nameKey(certificate.subject);
    named.set(key, [...(named.get(key) ?? []), certificate]);
  }
  return named;
};

const inOrder = async (folder: string): Promise<readonly string[]> => {
  try {
    return (await readdir(folder)).filter(isOurs).sort();
  } catch (error) {
    throw new PapilioError('config-invalid', `PAPILIO_X509_CA_FOLDER: ${folder} cannot be read`, error);
  }
};

/** What a folder's files look like from outside: another one tells that it is to be read again. */
export const folderMark = async (folder: string): Promise<string> => {
  const marks = (await inOrder(folder)).map(async (name) => {
    const about = await stat(join(folder, name)).catch(() => undefined);
    return `${name} ${about?.mtimeMs} ${about?.size}`;
  });
  return (await Promise.all(marks)).join('\n');
};

/** Reads the folder; a file that cannot be read is told and left out. @throws config-invalid for a folder that is none */
export const readAuthorities = async (folder: string, log: Log): Promise<Authorities & { readonly size: number }> => {
  const found: Found = { certificates: new Map(), lists: [], policies: [] };
  for (const name of await inOrder(folder)) {
    try {
      const path = join(folder, name);
      if ((await stat(path)).size > fileMaxBytes) throw new Error(`more than ${fileMaxBytes} bytes`);
      add(found, name, await readFile(path, 'latin1'));
    } catch (error) {
      log.warn({ file: name, reason: String(error) }, 'file of an authority cannot be read');
    }
  }
  const named = groupByName(found.certificates.values());
  return {
    size: found.certificates.size,
    named: (name) => named.get(nameKey(name)) ?? [],
    checkRevoked: (certificate, issuer, nowMs) => checkRevoked(found.lists, { certificate, issuer, nowMs }),
    checkNamespace: (certificate, issuer) => checkNamespace(found.policies, { certificate, issuer }),
  };
};
