import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { silentLog } from '#lib/log';
import type { Refusal, RoleRule } from '#schema/role-rule';
import { createX509Identity } from '../../functions/adapters/identity/x509.ts';
import { aCertificate, asPem, extension, type Held, language, type NameOf } from './a-certificate.ts';
import { fakeClock } from './fake-clock.ts';

const { authority, keyUsage, proxy: proxyInfo } = extension;
const base: NameOf = [
  ['DC', 'org'],
  ['DC', 'papilio'],
];
/** A name under those of the tests. */
export const named = (...names: readonly string[]): NameOf => [...base, ...names.map((name) => ['CN', name] as const)];

/** The authority that is trusted. */
export const root = aCertificate({ name: named('Test CA'), extensions: [authority(), keyUsage(0x86)] });
/** Somebody with a certificate of it. */
export const ada = aCertificate({ name: named('Ada'), by: root, serial: 17, extensions: [keyUsage(0x80)] });
/** A key that may sign. */
export const signs = keyUsage(0x80);

/** A proxy of somebody, with one CN more. */
export const aProxy = (by: Held, cn: string, more: Partial<Parameters<typeof aCertificate>[0]> = {}): Held =>
  aCertificate({ name: [...by.name, ['CN', cn]], by, extensions: [proxyInfo(language.all), signs], ...more });

type Files = Readonly<Record<string, string>>;
/** The folder of authorities with nothing but the root. */
export const rootFile = { 'root.pem': asPem('CERTIFICATE', root.der) };
const adaMay: readonly RoleRule[] = [{ dn: 'CN=Ada,DC=papilio,DC=org', role: 'operator' }];

/** Papilio on a day of 2026 with these files in its folder of authorities. */
export const papilio = (
  files: Files = rootFile,
  rules: readonly RoleRule[] = adaMay,
  refused: readonly Refusal[] = [],
) => {
  const folder = mkdtempSync(join(tmpdir(), 'papilio-ca-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const write = (more: Files) => {
    for (const [name, text] of Object.entries(more)) writeFileSync(join(folder, name), text);
  };
  write(files);
  const clock = fakeClock(Date.parse('2026-06-01T00:00:00Z'));
  const identity = createX509Identity({
    folder,
    roles: async () => ({ rules: [...rules], refused: [...refused] }),
    clock,
    log: silentLog,
  });
  return { clock, write, ask: (...chain: readonly Held[]) => identity.verify(chain.map(({ der }) => der)), identity };
};
