import type { NamedProfile, ProfileBook, Session } from './profiles.ts';

/** A token that ends while its request is under way helps nobody. */
const spareMs = 30_000;

const isFresh = ({ expiresAt }: Session): boolean =>
  expiresAt === undefined || Date.parse(expiresAt) - Date.now() > spareMs;

/** The token of a profile, renewed if it is about to end. @throws ApiError if it cannot be */
export const tokenOf = async (book: ProfileBook, { name, login }: NamedProfile): Promise<string | undefined> => {
  const session = book.session(name);
  if (session === undefined || login === undefined) return undefined;
  // A token that was pasted ends when it ends: the API says so.
  if (login.kind === 'token' || isFresh(session)) return session.accessToken;
  const { renew } = await import('./oidc-login.ts');
  try {
    const next = await renew(login, session);
    book.keep(name, next);
    return next.accessToken;
  } catch (error) {
    // Another papilio may have renewed it in the same moment, after which the refresh token is a used one.
    const now = book.session(name);
    if (now !== undefined && now.accessToken !== session.accessToken && isFresh(now)) return now.accessToken;
    throw error;
  }
};
