import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import Provider, { type Configuration } from 'oidc-provider';
import * as z from 'zod';
import { aJwk, type SigningKey } from './an-issuer.ts';

/** A real identity provider (`oidc-provider`) on loopback, as an operator runs one, with its faults at hand. */
export type OidcProvider = AsyncDisposable & {
  readonly url: string;
  /** Paths that it was asked for. */
  readonly asked: string[];
  /** Starts it anew with these keys: the first one signs, the others are published. */
  readonly rotate: (keys: readonly SigningKey[]) => void;
  readonly goDown: () => Promise<void>;
  readonly comeUp: () => Promise<void>;
  /** While set, it takes requests and says nothing. */
  isSilent: boolean;
  /** A client that has a secret: an access token by client credentials. */
  readonly clientCredentials: (scope: string) => Promise<string>;
  /** What a person does in a browser with the code that a program shows. */
  readonly approve: (account: string, page: string, userCode: string) => Promise<void>;
  /** A person at a laptop: device code and its approval in a browser; access and ID token. */
  readonly deviceCode: (
    account: string,
    scope: string,
  ) => Promise<{ readonly accessToken: string; readonly idToken: string }>;
};

export const audience = 'https://papilio.epic.example';
/** The secret of the client `pilot`. */
export const pilotSecret = 'a-secret-of-this-test';
const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
const scopes = ['openid', 'offline_access', 'compute.read', 'compute.create', 'compute.modify', 'compute.cancel'];
const groupsOf: Readonly<Record<string, readonly string[]>> = { erika: ['/eic', '/eic/shift'], pilot: ['/eic/pilots'] };

const configuration = (keys: readonly SigningKey[]): Configuration => ({
  jwks: { keys: keys.map((key) => ({ ...key.privateKey.export({ format: 'jwk' }), ...aJwk(key) })) },
  cookies: { keys: ['only for this test'] },
  clients: [
    {
      client_id: 'pilot',
      client_secret: pilotSecret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    },
    {
      client_id: 'papilio-cli',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: [deviceGrant, 'refresh_token'],
      redirect_uris: [],
      response_types: [],
    },
  ],
  scopes,
  findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
  interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
  ttl: {
    AccessToken: 3_600,
    ClientCredentials: 3_600,
    DeviceCode: 600,
    RefreshToken: 3_600,
    Grant: 3_600,
    IdToken: 3_600,
    Interaction: 600,
    Session: 3_600,
  },
  features: {
    clientCredentials: { enabled: true },
    deviceFlow: {
      enabled: true,
      userCodeInputSource: async (context, form) => {
        context.body = form;
      },
      userCodeConfirmSource: async (context, form) => {
        context.body = form;
      },
      successSource: async (context) => {
        context.body = 'go back to your terminal';
      },
    },
    devInteractions: { enabled: false },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => audience,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: scopes.join(' '),
        audience,
        accessTokenFormat: 'jwt',
        accessTokenTTL: 3_600,
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
  extraTokenClaims: (_context, token) => {
    const who = 'accountId' in token ? token.accountId : token.clientId;
    return { 'wlcg.ver': '1.0', 'wlcg.groups': groupsOf[who ?? ''] ?? [] };
  },
});

const Device = z.object({ device_code: z.string(), user_code: z.string(), verification_uri: z.url() });
const Tokens = z.object({ access_token: z.string(), id_token: z.string().default('') });

/** Logs the account in and lets the client have all that it asks for: what a person does with two clicks. */
const approve = async (provider: Provider, request: IncomingMessage, response: ServerResponse, accountId: string) => {
  const { prompt, params } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    await provider.interactionFinished(request, response, { login: { accountId } });
    return;
  }
  const grant = new provider.Grant({ accountId, clientId: String(params.client_id) });
  grant.addOIDCScope(String(params.scope));
  grant.addResourceScope(audience, String(params.scope));
  await provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
};

/** A browser: it keeps cookies and follows where it is led; gives the text of the page at which it ends. */
const aBrowser = () => {
  const cookies = new Map<string, string>();
  return async (url: string, form?: Readonly<Record<string, string>>): Promise<string> => {
    let next = url;
    let body = form;
    for (let step = 0; step < 12; step += 1) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await fetch(next, {
        redirect: 'manual',
        headers: { cookie },
        ...(body === undefined ? {} : { method: 'POST', body: new URLSearchParams(body) }),
      });
      for (const [pair = ''] of answer.headers.getSetCookie().map((line) => line.split(';'))) {
        const at = pair.indexOf('=');
        cookies.set(pair.slice(0, at), pair.slice(at + 1));
      }
      const location = answer.headers.get('location');
      if (location === null) return answer.text();
      next = new URL(location, next).href;
      body = undefined;
    }
    throw new Error(`the provider leads in circles: ${next}`);
  };
};

const post = async (url: string, form: Readonly<Record<string, string>>, headers = {}): Promise<unknown> => {
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(form), headers });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
};

const listenOn = (server: ReturnType<typeof createServer>, port: number): Promise<number> =>
  new Promise((resolve) =>
    server.listen(port, '127.0.0.1', () => resolve(z.object({ port: z.int() }).parse(server.address()).port)),
  );

/** Starts it with its first keys; dispose of it at the end. */
export const anOidcProvider = async (keys: readonly SigningKey[]): Promise<OidcProvider> => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { url: path = '' } = request;
    asked.push(path);
    if (provider.isSilent) return;
    if (path.startsWith('/interaction/'))
      approve(running, request, response, account).catch((error: unknown) =>
        response.writeHead(500).end(String(error)),
      );
    else void running.callback()(request, response);
  });
  const port = await listenOn(server, 0);
  const url = `http://127.0.0.1:${port}`;
  let running = new Provider(url, configuration(keys));
  let account = '';
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const provider: OidcProvider = {
    url,
    asked,
    isSilent: false,
    rotate: (next) => {
      running = new Provider(url, configuration(next));
    },
    goDown: close,
    comeUp: async () => void (await listenOn(server, port)),
    clientCredentials: async (scope) => {
      const authorization = `Basic ${Buffer.from(`pilot:${pilotSecret}`).toString('base64')}`;
      const form = { grant_type: 'client_credentials', scope };
      return Tokens.parse(await post(`${url}/token`, form, { authorization })).access_token;
    },
    approve: async (who, page, userCode) => {
      account = who;
      const browse = aBrowser();
      const [, xsrf = ''] = /name="xsrf" value="(\w+)"/.exec(await browse(page)) ?? [];
      await browse(page.split('?')[0] ?? page, { xsrf, user_code: userCode, confirm: 'yes' });
    },
    deviceCode: async (who, scope) => {
      const device = Device.parse(await post(`${url}/device/auth`, { client_id: 'papilio-cli', scope }));
      await provider.approve(who, device.verification_uri, device.user_code);
      const form = { grant_type: deviceGrant, device_code: device.device_code, client_id: 'papilio-cli' };
      const { access_token: accessToken, id_token: idToken } = Tokens.parse(await post(`${url}/token`, form));
      return { accessToken, idToken };
    },
    [Symbol.asyncDispose]: close,
  };
  return provider;
};
