import type { Token } from '../../functions/lib/schema/token.ts';

/** A token of a machine, as it is kept. */
export const aToken = (changes: Partial<Token> = {}): Token => ({
  id: 'prod_token_0123456789abcdef',
  name: 'a dashboard',
  owner: 'anna@issuer.example',
  roles: ['user'],
  facilities: [],
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-04-01T00:00:00.000Z',
  hashSha256: '0'.repeat(64),
  ...changes,
});
