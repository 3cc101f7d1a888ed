import { PapilioError } from '#lib/errors';
import { makeId, readId } from '#lib/model/ids';
import { hashOfToken, idHexIn, isHashOf, looksLikeToken, tokenText } from '#lib/model/token-text';
import { type Stored, tokens, tokenUses } from '#lib/records';
import type { Principal } from '#schema/access';
import type { Token, TokenUse, TokenView } from '#schema/token';
import { usesEveryMs } from '../access/policy.ts';
import { principalOf, stateOf } from '../access/token-grant.ts';
import type { Surroundings } from './surroundings.ts';

type Needs = Pick<Surroundings, 'config' | 'records' | 'clock'>;

/** A new token: its text, which nobody keeps, and what is kept. */
export const newToken = (id: string, random: Uint8Array): { readonly text: string; readonly hashSha256: string } => {
  const text = tokenText(readId(id)?.name ?? '', random);
  return { text, hashSha256: hashOfToken(text) };
};

/**
 * Who shows one of our tokens; undefined for a token of another kind. Its record is read anew each time, a look-up by key,
 * so that a revoked one holds no longer than the revocation takes. @throws token-refused
 */
export const holderOf = async (text: string, { config, records, clock }: Needs): Promise<Principal | undefined> => {
  if (!looksLikeToken(text)) return undefined;
  const idHex = idHexIn(text);
  if (idHex === undefined) throw new PapilioError('token-refused', 'the token is not whole: its checksum is wrong');
  const { store } = await records('work');
  const id = makeId(config.PAPILIO_INSTANCE, 'token', idHex);
  const token = (await tokens.get(store, id))?.doc;
  if (!token || !isHashOf(text, token.hashSha256))
    throw new PapilioError('token-refused', 'papilio has not made this token');
  const state = stateOf(token, clock.nowMs());
  if (state === 'revoked') throw new PapilioError('token-refused', `${id} was revoked at ${token.revokedAt}`);
  if (state === 'expired') throw new PapilioError('token-refused', `${id} has expired at ${token.expiresAt}`);
  return principalOf(token);
};

const viewOf = (token: Token, lastUsedAt: string | undefined, nowMs: number): TokenView => {
  const { hashSha256: _, ...shown } = token;
  return { ...shown, state: stateOf(token, nowMs), ...(lastUsedAt !== undefined && { lastUsedAt }) };
};

/** A token as it is shown, with when it was last seen. @throws record-missing */
export const needToken = async (id: string, seen: Seen, { records, clock }: Needs): Promise<TokenView> => {
  const { store } = await records('work');
  const [{ doc }, use] = await Promise.all([tokens.need(store, id), tokenUses.get(store, id)]);
  return viewOf(doc, seen.lastUsedAt(id) ?? use?.doc.lastUsedAt, clock.nowMs());
};

/** Tokens as they are shown. */
export const viewsOf = async (found: readonly Stored<Token>[], seen: Seen, needs: Needs): Promise<TokenView[]> => {
  const { store } = await needs.records('work');
  const ids = found.map(({ doc }) => doc.id);
  const uses = await tokenUses.getMany(store, ids);
  return found.map(({ doc }, at) =>
    viewOf(doc, seen.lastUsedAt(doc.id) ?? uses[at]?.doc.lastUsedAt, needs.clock.nowMs()),
  );
};

/** When tokens were last seen by this front. */
export type Seen = {
  readonly note: (tokenId: string) => void;
  readonly lastUsedAt: (tokenId: string) => string | undefined;
  readonly isUntold: () => boolean;
  /** What was not told yet; from then on it counts as told. */
  readonly take: () => TokenUse[];
  /** Puts back what could not be told. */
  readonly putBack: (uses: readonly TokenUse[]) => void;
};

/** More tokens than a front sees between two tellings; of more, the oldest use is forgotten. */
const mostTokens = 10_000;

/** Remembers when tokens are seen, to the minute. */
export const createSeen = ({ clock }: Pick<Surroundings, 'clock'>): Seen => {
  const lastAt = new Map<string, string>();
  const untold = new Set<string>();
  return {
    note: (tokenId) => {
      const at = new Date(Math.floor(clock.nowMs() / usesEveryMs) * usesEveryMs).toISOString();
      if (lastAt.get(tokenId) === at) return;
      lastAt.delete(tokenId);
      lastAt.set(tokenId, at);
      untold.add(tokenId);
      const [oldest] = lastAt.keys();
      if (lastAt.size > mostTokens && oldest !== undefined) lastAt.delete(oldest);
    },
    lastUsedAt: (tokenId) => lastAt.get(tokenId),
    isUntold: () => untold.size > 0,
    take: () => {
      const uses = [...untold].flatMap((id) => {
        const lastUsedAt = lastAt.get(id);
        return lastUsedAt === undefined ? [] : [{ id, lastUsedAt }];
      });
      untold.clear();
      return uses;
    },
    putBack: (uses) => {
      for (const { id } of uses) untold.add(id);
    },
  };
};
