import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as requestHttp } from 'node:http';
import { Agent, request as requestHttps } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { freePort } from '../../local/stack/parts/free-port.ts';
import { type House, startHouse } from '../../local/supervisor/house.ts';
import { plainEnvironment } from '../builders/plain-environment.ts';
import { installTlsFront, startTlsFront } from './tls-front.ts';
import { makePapers, type Paper } from './tls-front-papers.ts';

/** Certificates and RFC 3820 proxies over TLS, through Apache httpd with the configuration that the documentation shows. @see 14.1 */
const scratch = mkdtempSync(join(tmpdir(), 'papilio-front-'));
const secret = 'a secret of the front and papilio alone';
const name = 'papilio.example.org';
let papers: ReturnType<typeof makePapers>;
let house: House;
let front: { readonly stop: () => Promise<void> };
let port = 0;
let papilioPort = 0;

beforeAll(async () => {
  installTlsFront();
  papers = makePapers(scratch);
  port = await freePort();
  const secretFile = join(scratch, 'front.secret');
  writeFileSync(secretFile, `${secret}\n`, { mode: 0o600 });
  const rolesFile = join(scratch, 'roles.json');
  writeFileSync(rolesFile, JSON.stringify({ rules: [{ dn: '/DC=org/DC=papilio/CN=Ada', role: 'operator' }] }));
  const environment = {
    ...plainEnvironment,
    PAPILIO_PUBLIC_URL: `https://${name}`,
    PAPILIO_TLS_FRONT_SECRET_FILE: secretFile,
    PAPILIO_X509_CA_FOLDER: papers.authorities,
    PAPILIO_ROLES_FILE: rolesFile,
  };
  house = await startHouse({ folder: join(scratch, 'data'), port: 0, environment });
  const Address = z.object({ port: z.int() });
  papilioPort = Address.parse(JSON.parse(readFileSync(join(scratch, 'data', 'front.json'), 'utf8'))).port;
  front = await startTlsFront({
    folder: scratch,
    port,
    papilioPort,
    certificate: papers.at('server.pem'),
    key: papers.at('server.key'),
    authorities: papers.authorities,
    secret,
  });
}, 600_000);

afterAll(async () => {
  await front?.stop();
  await house?.stop();
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
}, 60_000);

type Asked = {
  readonly path: string;
  readonly paper?: Paper;
  readonly method?: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
};
type Answer = { readonly status: number; readonly body: Record<string, unknown> };

const Body = z.record(z.string(), z.unknown());

/** Asks papilio through the front, or, without TLS, papilio itself. */
const ask = ({ path, paper, method = 'GET', body, headers = {}, agent }: Asked, isDirect = false): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const common = { host: '127.0.0.1', method, path, headers: { host: name, ...json, ...headers } };
    const tls = {
      port,
      servername: name,
      ca: readFileSync(papers.at('server.pem')),
      ...paper,
      ...(agent && { agent }),
    };
    const call = isDirect ? requestHttp({ ...common, port: papilioPort }) : requestHttps({ ...common, ...tls });
    call.once('response', (response) => {
      text(response).then(
        (found) => resolve({ status: response.statusCode ?? 0, body: Body.parse(JSON.parse(found)) }),
        reject,
      );
    });
    call.once('error', reject);
    call.end(body === undefined ? undefined : JSON.stringify(body));
  });

const me = (paper: Paper) => ask({ path: '/v1/me', paper });
/** What became of somebody who should not pass: ended by TLS in the front, or refused by papilio. */
const fate = async (paper: Paper): Promise<string> =>
  ask({ path: '/v1/me', paper }).then(
    ({ status, body }) => `${status} ${body.code} ${body.detail}`,
    (error: NodeJS.ErrnoException) => `TLS ${error.code}`,
  );
const ada = 'CN=Ada,DC=papilio,DC=org';

describe('through Apache httpd with mod_gridsite', { timeout: 60_000 }, () => {
  test('who has no certificate is nobody, and may read what everybody may', async () => {
    expect(await ask({ path: '/v1/version' })).toMatchObject({ status: 200 });
    expect(await ask({ path: '/v1/runs' })).toMatchObject({ status: 401, body: { code: 'token-missing' } });
  });

  test('a certificate says who asks, with the roles of the roles file', async () => {
    expect(await me(papers.paper('ada'))).toMatchObject({
      status: 200,
      body: { id: ada, kind: 'x509', roles: ['operator'] },
    });
  });

  test('a proxy, and a proxy of a proxy, speak for who made them', async () => {
    for (const paper of [papers.paper('proxy', ['ada']), papers.paper('second', ['proxy', 'ada'])])
      expect(await me(paper)).toMatchObject({ status: 200, body: { id: ada, roles: ['operator'] } });
  });

  test('a limited proxy may look and not act; a proxy with all rights acts under the name of who made it', async () => {
    const act = { path: '/v1/processing/suspend', method: 'POST', body: { why: 'a test of the front' } };
    const limited = papers.paper('limited', ['ada']);
    expect(await ask({ path: '/v1/runs', paper: limited })).toMatchObject({ status: 200 });
    expect(await ask({ ...act, paper: limited })).toMatchObject({ status: 403, body: { code: 'role-missing' } });
    const acted = await ask({ ...act, paper: papers.paper('proxy', ['ada']) });
    expect(acted).toMatchObject({ status: 200, body: { state: 'done', by: ada } });
  });

  test.each([
    ['that has expired', 'expired', [], /^TLS .*CERTIFICATE_EXPIRED/],
    ['of an authority that is not trusted', 'stranger', [], /^TLS .*UNKNOWN_CA/],
    ['that somebody has made for themselves', 'selfmade', [], /^TLS .*UNKNOWN_CA/],
    ['that is a proxy and has expired', 'late', ['ada'], /^TLS .*CERTIFICATE_EXPIRED/],
    ['that is a proxy under another name', 'renamed', ['ada'], /^TLS .*CERTIFICATE_UNKNOWN/],
  ])('the front ends the handshake with a certificate %s', async (_, paper, chain, what) => {
    expect(await fate(papers.paper(paper, chain))).toMatch(what);
  });

  test.each([
    ['that its authority took back', 'revoked', [], /CN=Rita.*was revoked/],
    ['that is a proxy without who made it', 'proxy', [], /neither presented nor trusted/],
    ['that is an independent proxy', 'independent', ['ada'], /has no rights of who made it/],
    ['of a proxy with a gap in its chain', 'second', ['ada'], /CN=1,CN=Ada.*neither presented nor trusted/],
  ])('papilio does not take a certificate %s, which the front lets pass', async (_, paper, chain, why) => {
    const what = await fate(papers.paper(paper, chain));
    expect(what).toMatch(/^401 certificate-refused /);
    expect(what).toMatch(why);
  });

  test('what a client says of certificates does not reach papilio, and does not count without the front', async () => {
    const certificate = readFileSync(papers.at('ada.pem'), 'utf8').trim().replaceAll('\n', ' ');
    const headers = { 'papilio-client-certificate': certificate, 'papilio-tls-front': 'guessed' };
    expect(await ask({ path: '/v1/runs', headers })).toMatchObject({ status: 401, body: { code: 'token-missing' } });
    expect(await ask({ path: '/v1/runs', headers }, true)).toMatchObject({
      status: 401,
      body: { code: 'front-refused' },
    });
    const alone = { 'papilio-client-certificate': certificate };
    expect(await ask({ path: '/v1/runs', headers: alone }, true)).toMatchObject({ body: { code: 'front-refused' } });
    const more = { 'papilio-client-chain-9': certificate };
    expect(await ask({ path: '/v1/runs', headers: more })).toMatchObject({ body: { code: 'front-refused' } });
  });

  test('a client that has the front take a header back gains nothing', async () => {
    // Of the second certificate anybody may have a copy: whoever came to stand first would be Ada.
    const paper = papers.paper('limited', ['ada']);
    for (const taken of ['papilio-tls-front', 'papilio-client-certificate', 'papilio-client-chain-0']) {
      const { status, body } = await ask({ path: '/v1/me', paper, headers: { connection: `close, ${taken}` } });
      const isItself = status === 200 && String(body.roles) === 'viewer';
      expect(isItself || status === 401, `${taken}: ${status} ${JSON.stringify(body)}`).toBe(true);
    }
  });

  test('the administrator’s token holds through it too', async () => {
    const token = readFileSync(join(scratch, 'data', 'admin.token'), 'utf8').trim();
    const headers = { authorization: `Bearer ${token}` };
    expect(await ask({ path: '/v1/me', headers })).toMatchObject({ status: 200, body: { kind: 'local-admin' } });
  });

  test('live events come through as they happen', async () => {
    const heard = Promise.withResolvers<string>();
    const paper = papers.paper('proxy', ['ada']);
    const tls = { port, servername: name, ca: readFileSync(papers.at('server.pem')), ...paper };
    const headers = { host: name, accept: 'text/event-stream' };
    const call = requestHttps({ host: '127.0.0.1', path: '/v1/events', headers, ...tls }, (response) => {
      response.once('data', (piece) => heard.resolve(`${response.headers['content-type']} ${piece}`));
    });
    call.once('error', heard.reject);
    call.end();
    expect(await heard.promise).toMatch(/^text\/event-stream.*(retry|id|data|:)/s);
    call.destroy();
  });

  test('a foreign name is refused', async () => {
    const answer = await ask({ path: '/v1/version', headers: { host: 'evil.example.org' } });
    expect(answer).toMatchObject({ status: 403, body: { code: 'host-refused' } });
  });

  test('no session is taken up again without its chain', async () => {
    const paper = papers.paper('proxy', ['ada']);
    const session = await new Promise<Buffer | undefined>((resolve, reject) => {
      const socket = connect({
        host: '127.0.0.1',
        port,
        servername: name,
        ca: readFileSync(papers.at('server.pem')),
        ...paper,
        maxVersion: 'TLSv1.2',
      });
      socket.once('secureConnect', () => {
        resolve(socket.getSession());
        socket.destroy();
      });
      socket.once('error', reject);
    });
    const isReused = await new Promise<boolean>((resolve, reject) => {
      const again = connect({
        host: '127.0.0.1',
        port,
        servername: name,
        ca: readFileSync(papers.at('server.pem')),
        ...paper,
        maxVersion: 'TLSv1.2',
        ...(session && { session }),
      });
      again.once('secureConnect', () => {
        resolve(again.isSessionReused());
        again.destroy();
      });
      again.once('error', reject);
    });
    expect(isReused).toBe(false);
    const agent = new Agent({ keepAlive: true, maxCachedSessions: 10 });
    for (let time = 0; time < 3; time++)
      expect(await ask({ path: '/v1/me', paper, agent })).toMatchObject({ body: { id: ada } });
    agent.destroy();
  });
});
