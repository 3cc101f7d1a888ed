import * as z from 'zod';
import { change, commit, untilNoConflict } from '#lib/change';
import { type CommandOf, defineCommands, onAction } from '#lib/command';
import type { Deps } from '#lib/deps';
import { PapilioError } from '#lib/errors';
import { tokens } from '#lib/records';
import { type Token, TokenGrant } from '#schema/token';
import { expiryOf } from './token-grant.ts';

const name = 'steer-tokens';
const NoData = z.object({});

/** Keeps a token that the front has made; the subject is its id. @throws key-reused */
const create = async ({ id, subject, at, data }: CommandOf<typeof TokenGrant>, deps: Deps): Promise<void> => {
  const known = await tokens.get(deps.store, subject);
  if (known?.doc.hashSha256 === data.hashSha256) return;
  if (known) throw new PapilioError('key-reused', `${subject} is there already`);
  const { days, ...given } = data;
  const expiresAt = expiryOf(at, days);
  const token: Token = { ...given, id: subject, createdAt: at, expiresAt };
  const told = { name: given.name, owner: given.owner, expiresAt };
  const fact = { type: 'token.created', cause: id, by: name, data: told };
  await commit(deps, [change(deps, subject, tokens.put(subject, token, 0), fact)]);
};

/** Ends a token. One that has ended stays as it is. @throws record-missing */
const revoke = ({ id, subject, by, why }: CommandOf<typeof NoData>, deps: Deps): Promise<void> =>
  untilNoConflict(async () => {
    const { doc, version } = await tokens.need(deps.store, subject);
    if (doc.revokedAt !== undefined) return;
    const write = tokens.put(subject, { ...doc, revokedAt: deps.now(), revokedBy: by }, version);
    const fact = {
      type: 'token.revoked',
      cause: id,
      by: name,
      data: { name: doc.name, owner: doc.owner, who: by, why },
    };
    await commit(deps, [change(deps, subject, write, fact)]);
  });

/** Makes and ends tokens of machines, in the order in which it is asked. @see 14.1 */
export const steerTokens = defineCommands(name, {
  'token.create': onAction(TokenGrant, create),
  'token.revoke': onAction(NoData, revoke),
});
