import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { aCertificate, aRevocationList, asPem, extension, type Held, type NameOf } from '../builders/a-certificate.ts';
import { run } from './tls-front.ts';

/** A certificate with its chain, and its key, as a client hands them to TLS. */
export type Paper = { readonly cert: string; readonly key: string };

const base: NameOf = [
  ['DC', 'org'],
  ['DC', 'papilio'],
];
const subject = (...names: readonly string[]) => `/DC=org/DC=papilio${names.map((name) => `/CN=${name}`).join('')}`;

/** Makes papers with openssl in a folder; what openssl cannot make, such as one that has expired, is made by hand. */
export const makePapers = (folder: string) => {
  const at = (name: string) => join(folder, name);
  const openssl = (...args: readonly string[]) => run('openssl', args, folder);
  const newKey = ['-newkey', 'rsa:2048', '-nodes'];
  const self = (name: string, ...more: readonly string[]) =>
    openssl('req', '-x509', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '3', ...more);
  const paper = (name: string, chain: readonly string[] = []): Paper => ({
    cert: [name, ...chain].map((one) => readFileSync(at(`${one}.pem`), 'utf8')).join(''),
    key: readFileSync(at(`${name}.key`), 'utf8'),
  });
  /** Signed by somebody with a key of theirs. */
  const signed = (
    name: string,
    by: string,
    given: { subject: string; serial: number; extensions: readonly string[] },
  ) => {
    writeFileSync(at(`${name}.ext`), given.extensions.join('\n'));
    openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', given.subject);
    const signer = ['-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-set_serial', String(given.serial)];
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...signer,
      '-days',
      '2',
      '-extfile',
      `${name}.ext`,
      '-out',
      `${name}.pem`,
    );
  };
  const person = ['basicConstraints=critical,CA:FALSE', 'keyUsage=critical,digitalSignature,keyEncipherment'];
  const proxy = (language: string) => [
    `proxyCertInfo=critical,language:${language}`,
    'keyUsage=critical,digitalSignature,keyEncipherment',
  ];
  const authority = ['-addext', 'keyUsage=critical,keyCertSign,cRLSign'];
  self('ca', '-subj', subject('Test CA'), ...authority);
  self('other', '-subj', subject('Other CA'), ...authority);
  self('server', '-subj', '/CN=papilio.example.org', '-addext', 'subjectAltName=DNS:papilio.example.org,DNS:localhost');
  self('selfmade', '-subj', subject('Ada'));
  signed('ada', 'ca', { subject: subject('Ada'), serial: 17, extensions: person });
  signed('stranger', 'other', { subject: subject('Ada'), serial: 17, extensions: person });
  signed('revoked', 'ca', { subject: subject('Rita'), serial: 99, extensions: person });
  signed('proxy', 'ada', { subject: subject('Ada', '1'), serial: 1, extensions: proxy('id-ppl-inheritAll') });
  signed('second', 'proxy', { subject: subject('Ada', '1', '2'), serial: 2, extensions: proxy('id-ppl-inheritAll') });
  signed('limited', 'ada', { subject: subject('Ada', '3'), serial: 3, extensions: proxy('1.3.6.1.4.1.3536.1.1.1.9') });
  signed('independent', 'ada', { subject: subject('Ada', '4'), serial: 4, extensions: proxy('id-ppl-independent') });
  signed('renamed', 'ada', { subject: subject('Bob', '5'), serial: 5, extensions: proxy('id-ppl-inheritAll') });

  const held = (name: string, names: NameOf): Held => ({
    der: new X509Certificate(readFileSync(at(`${name}.pem`))).raw,
    name: [...base, ...names],
    key: createPrivateKey(readFileSync(at(`${name}.key`))),
  });
  const ca = held('ca', [['CN', 'Test CA']]);
  const ended = { from: new Date(Date.now() - 7_200_000), to: new Date(Date.now() - 3_600_000) };
  const handmade = (name: string, made: Held) => {
    writeFileSync(at(`${name}.pem`), asPem('CERTIFICATE', made.der));
    writeFileSync(at(`${name}.key`), made.key.export({ type: 'pkcs8', format: 'pem' }));
  };
  const signs = extension.keyUsage(0x80);
  handmade('expired', aCertificate({ name: [...base, ['CN', 'Ada']], by: ca, extensions: [signs], ...ended }));
  const ada = held('ada', [['CN', 'Ada']]);
  const inherits = extension.proxy('1.3.6.1.5.5.7.21.1');
  handmade(
    'late',
    aCertificate({ name: [...ada.name, ['CN', '6']], by: ada, extensions: [inherits, signs], ...ended }),
  );

  const authorities = at('authorities');
  mkdirSync(authorities);
  writeFileSync(join(authorities, 'ca.pem'), asPem('CERTIFICATE', ca.der));
  const list = aRevocationList(ca, [99], {
    from: new Date(Date.now() - 60_000),
    to: new Date(Date.now() + 86_400_000),
  });
  writeFileSync(join(authorities, 'ca.r0'), asPem('X509 CRL', list));
  openssl('rehash', authorities);
  return { at, paper, authorities };
};
