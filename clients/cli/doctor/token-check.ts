import type { Check } from '#schema/check-up';
import type { Me } from '#schema/me';
import { duration } from '../words.ts';

const day = 86_400_000;

/** Papilio's own tokens are made by hand and last for weeks; those of issuers are renewed by themselves. */
const soonMs: Readonly<Record<Me['kind'], number>> = {
  anonymous: 0,
  'local-admin': 0,
  machine: 3 * day,
  oidc: 120_000,
  x509: 7 * day,
};

/** Who the token shows, and until when. */
export const tokenCheck = ({ id, kind, name, from, roles, expiresAt }: Me, nowMs: number): Check => {
  const about = { check: 'token' } as const;
  if (kind === 'anonymous') {
    const what = `no token is shown: asks as ${roles.join(', ') || 'nobody'}`;
    if (roles.length > 0) return { ...about, level: 'ok', what };
    return {
      ...about,
      level: 'problem',
      what,
      todo: 'papilio login, or --token; of this machine’s own papilio name its folder: --data',
    };
  }
  const who = `${name ?? id}, ${roles.join(', ') || 'without a role'} (${from})`;
  const leftMs = expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(expiresAt) - nowMs;
  if (leftMs <= 0) {
    return {
      ...about,
      level: 'problem',
      what: `${who} has expired at ${expiresAt}`,
      todo: 'papilio login, or have a new token made: papilio token create',
    };
  }
  if (roles.length === 0) {
    return {
      ...about,
      level: 'problem',
      what: who,
      todo: 'Ask an administrator for a role: the roles file gives it to groups, scopes or people.',
    };
  }
  if (leftMs < soonMs[kind]) {
    return {
      ...about,
      level: 'warning',
      what: `${who} expires in ${duration(leftMs)}`,
      todo: 'Have a new token made before it does: papilio token create',
    };
  }
  return {
    ...about,
    level: 'ok',
    what: `${who}, ${expiresAt === undefined ? 'does not expire' : `valid until ${expiresAt}`}`,
  };
};
