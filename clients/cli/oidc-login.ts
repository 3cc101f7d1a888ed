import { readFileSync } from 'node:fs';
import * as oidc from 'openid-client';
import { ApiError } from '../http/api-error.ts';
import { UsageError } from './failure.ts';
import type { Login, Session } from './profiles.ts';

/** Logins at an issuer of OpenID Connect. Loaded only where one is asked for a token. */
type AtIssuer = Exclude<Login, { kind: 'token' }>;

const isLoopback = ({ hostname }: URL): boolean => ['localhost', '127.0.0.1', '[::1]'].includes(hostname);

/** What lies at the bottom of a failure: `fetch failed` says nothing, `getaddrinfo ENOTFOUND iam.exampel` does. */
const bottomOf = (error: Error): string =>
  error.cause instanceof Error && error.cause.message !== '' ? bottomOf(error.cause) : error.message;

const failed = (issuer: string, cause: unknown): ApiError => {
  const said = cause instanceof oidc.ResponseBodyError ? (cause.error_description ?? cause.error) : undefined;
  const reason = said ?? (cause instanceof Error ? bottomOf(cause) : String(cause));
  return new ApiError(
    {
      code: 'login-failed',
      status: 401,
      title: 'The issuer gave no token',
      detail: `${issuer}: ${reason}`,
      help: 'check --issuer, --client-id and --scope, and log in again',
    },
    cause,
  );
};

const secretIn = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new UsageError(`the secret in ${path} cannot be read: ${error}`, '--client-secret-file FILE');
  }
};

/** Asks the issuer what it can do; a plain http address is only taken on this machine. */
const discover = async (login: AtIssuer): Promise<oidc.Configuration> => {
  const issuer = new URL(login.issuer);
  if (issuer.protocol !== 'https:' && !isLoopback(issuer))
    throw new UsageError(`${login.issuer} would send tokens in the clear`, '--issuer https://…');
  const secret = login.kind === 'client' ? secretIn(login.secretFile) : undefined;
  const authentication = secret === undefined ? oidc.None() : oidc.ClientSecretBasic(secret);
  const execute = issuer.protocol === 'https:' ? [] : [oidc.allowInsecureRequests];
  return oidc.discovery(issuer, login.clientId, undefined, authentication, { execute });
};

type Answer = Pick<
  oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers,
  'access_token' | 'refresh_token' | 'expiresIn'
>;

const sessionOf = (answer: Answer, before?: Session): Session => {
  const lastsS = answer.expiresIn();
  const refreshToken = answer.refresh_token ?? before?.refreshToken;
  return {
    accessToken: answer.access_token,
    ...(refreshToken !== undefined && { refreshToken }),
    ...(lastsS !== undefined && { expiresAt: new Date(Date.now() + lastsS * 1000).toISOString() }),
  };
};

const wishOf = ({ scope, audience }: AtIssuer): Record<string, string> => ({
  scope,
  ...(audience !== undefined && { audience }),
});

/** What a person is to do in a browser. */
export type Errand = { readonly url: string; readonly code: string };

/** Gets a first token; `show` tells the person where to go. @throws ApiError */
export const logIn = async (
  login: AtIssuer,
  { show, signal }: { readonly show: (errand: Errand) => void; readonly signal: AbortSignal },
): Promise<Session> => {
  try {
    const issuer = await discover(login);
    if (login.kind === 'client') return sessionOf(await oidc.clientCredentialsGrant(issuer, wishOf(login)));
    const device = await oidc.initiateDeviceAuthorization(issuer, wishOf(login));
    show({ url: device.verification_uri_complete ?? device.verification_uri, code: device.user_code });
    return sessionOf(await oidc.pollDeviceAuthorizationGrant(issuer, device, undefined, { signal }));
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof UsageError ? error : failed(login.issuer, error);
  }
};

/** Gets the next token by what is there: the secret, or the refresh token. @throws ApiError */
export const renew = async (login: AtIssuer, session: Session): Promise<Session> => {
  try {
    const issuer = await discover(login);
    if (login.kind === 'client') return sessionOf(await oidc.clientCredentialsGrant(issuer, wishOf(login)));
    if (session.refreshToken === undefined) throw new Error('the login is over, and there is nothing to renew it by');
    return sessionOf(await oidc.refreshTokenGrant(issuer, session.refreshToken), session);
  } catch (error) {
    throw error instanceof UsageError ? error : failed(login.issuer, error);
  }
};

/** Tells the issuer that the tokens are not needed any more, if it takes that. @throws ApiError */
export const revoke = async (login: AtIssuer, { accessToken, refreshToken }: Session): Promise<boolean> => {
  try {
    const issuer = await discover(login);
    if (issuer.serverMetadata().revocation_endpoint === undefined) return false;
    await oidc.tokenRevocation(issuer, refreshToken ?? accessToken);
    return true;
  } catch (error) {
    throw error instanceof UsageError ? error : failed(login.issuer, error);
  }
};
