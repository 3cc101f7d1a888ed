import { aSignedToken } from '../../builders/an-issuer.ts';
import { attacks } from './attack.ts';
import { audience, headerOf, nowS, tokenWith, type World } from './world.ts';

const claim = (changes: object | ((world: World) => object)) => (world: World) =>
  tokenWith(world, typeof changes === 'function' ? changes(world) : changes);
const malformed = (name: string) => new RegExp(`its claim ${name.replace('.', '\\.')} is missing or malformed`);
/** A claim of each value, under a name that says how it is wrong. */
const each = (name: string, values: Readonly<Record<string, unknown>>) =>
  attacks(
    malformed(name),
    Object.fromEntries(Object.entries(values).map(([says, value]) => [`${name}: ${says}`, claim({ [name]: value })])),
  );

const notNumbers = {
  'a text': String(nowS + 60),
  'a fraction': nowS + 0.5,
  'less than nothing': -1,
  'a number beyond all years': 1e99,
  'milliseconds instead of seconds': nowS * 1_000,
  null: null,
  true: true,
  'a list': [nowS],
  'an object': { valueOf: nowS },
};

/** Tokens of others, or for others. */
export const attacksOnParties = [
  ...attacks(/its issuer \(iss\) is none that papilio trusts/, {
    'no issuer': claim({ iss: undefined }),
    'another issuer, with its own key': (world) =>
      aSignedToken(world.stranger, headerOf(world.stranger), { ...world.claims, iss: world.trap.url }),
    'the issuer with a slash at its end': claim(({ issuer }) => ({ iss: `${issuer.url}/` })),
    'the issuer in capitals': claim(({ issuer }) => ({ iss: issuer.url.toUpperCase() })),
    'the issuer over TLS': claim(({ issuer }) => ({ iss: issuer.url.replace('http:', 'https:') })),
    'the issuer by its other name': claim(({ issuer }) => ({ iss: issuer.url.replace('127.0.0.1', 'localhost') })),
    'the issuer with a path': claim(({ issuer }) => ({ iss: `${issuer.url}/realms/eic` })),
    'the issuer with a path that leads back': claim(({ issuer }) => ({ iss: `${issuer.url}/x/..` })),
    'the issuer with a query': claim(({ issuer }) => ({ iss: `${issuer.url}?` })),
    'the issuer with a fragment': claim(({ issuer }) => ({ iss: `${issuer.url}#` })),
    'the issuer with a zero byte': claim(({ issuer }) => ({ iss: `${issuer.url}\u0000` })),
    'the issuer with a space': claim(({ issuer }) => ({ iss: ` ${issuer.url}` })),
    'the issuer as the user at another host': claim(({ issuer, trap }) => ({
      iss: trap.url.replace('//', `//${issuer.url.replace('http://', '')}@`),
    })),
    'the issuer as the beginning of another host': claim(({ issuer }) => ({ iss: `${issuer.url}.evil.example` })),
    'a list with the issuer in it': claim(({ issuer }) => ({ iss: [issuer.url] })),
    'a client’s assertion of itself': claim({ iss: 'papilio-cli', sub: 'papilio-cli' }),
    'the issuer __proto__': claim({ iss: '__proto__' }),
  }),
  ...attacks(/it is not for papilio \(aud\)/, {
    'another audience': claim({ aud: 'https://rucio.epic.example' }),
    'two other audiences': claim({ aud: ['https://rucio.epic.example', 'https://fts.epic.example'] }),
    'the audience with a slash at its end': claim({ aud: `${audience}/` }),
    'the audience in capitals': claim({ aud: audience.toUpperCase() }),
    'the beginning of the audience': claim({ aud: 'https://papilio' }),
    'the audience with something after it': claim({ aud: `${audience}.evil.example` }),
    'the audience of all WLCG services': claim({ aud: 'https://wlcg.cern.ch/jwt/v1/any' }),
    'the audience of all SciTokens': claim({ aud: 'ANY' }),
    'the audience *': claim({ aud: '*' }),
  }),
  ...each('aud', {
    none: undefined,
    empty: '',
    'no one in a list': [],
    'a list within a list': [[audience]],
    'a list with a number in it': [audience, 1],
    'an object': { [audience]: true },
    'a number': 1,
    'two in one text': `${audience} https://rucio.epic.example`,
    'a list of a thousand': Array.from({ length: 1_000 }, () => 'x'),
  }),
  ...each('sub', {
    none: undefined,
    empty: '',
    'a number': 0,
    'a list': ['alice'],
    'an object': { toString: 'alice' },
    'with a line break': 'alice\r\nX-Role: admin',
    'with a zero byte': 'alice\u0000',
    'with a space': 'alice admin',
    'with letters that look like others': 'аdmin',
    'that is written from right to left': 'alice\u202enimda',
    'with half a letter': 'alice\ud800',
    'of 256 characters': 'a'.repeat(256),
  }),
  ...attacks(/longer than 120 characters/, { 'sub: longer than names of people are': claim({ sub: 'a'.repeat(150) }) }),
];

/** Good in all, and not wanted any more. */
export const attacksByTheRefused = attacks(/the roles file refuses it or its holder/, {
  'a token of somebody who is refused': claim({ sub: 'mallory' }),
  'a token that is refused by its name': claim({ jti: 'a-stolen-one' }),
});

/** Tokens of another time, and times that are none. */
export const attacksOnTimes = [
  ...each('exp', { none: undefined, ...notNumbers }),
  ...each('iat', { none: undefined, ...notNumbers }),
  ...each('nbf', notNumbers),
  ...attacks(/it has expired/, {
    'expired an hour ago': claim({ iat: nowS - 7_200, exp: nowS - 3_600 }),
    'expired for as long as clocks may differ': claim({ exp: nowS - 60, iat: nowS - 120 }),
    'that expired in 1970': claim({ exp: 0, iat: 0 }),
  }),
  ...attacks(/not good yet/, {
    'good in an hour': claim({ nbf: nowS + 3_600 }),
    'good a second later than clocks may differ': claim({ nbf: nowS + 61 }),
  }),
  ...attacks(/made in the future/, { 'made a second later than clocks may differ': claim({ iat: nowS + 61 }) }),
  ...attacks(/expires before it is made/, { 'that expires when it is made': claim({ iat: nowS, exp: nowS }) }),
  ...attacks(/it is older than 86400 s/, {
    'made two days ago, good for ten years': claim({ iat: nowS - 172_800, exp: nowS + 315_360_000 }),
    'made in 1970, good until 9999': claim({ iat: 0, exp: 253_402_300_799 }),
  }),
  ...attacks(/it is made to hold for \d+ s \(exp, iat\); PAPILIO_OIDC_MAX_LIFETIME_S takes 172800/, {
    'valid for ten years': claim({ exp: nowS + 315_360_000 }),
    'valid for two days and a second': claim({ iat: nowS, nbf: nowS, exp: nowS + 172_801 }),
  }),
];

const groupsThatAreNone = {
  'a text': '/eic/production',
  'an object': { 0: '/eic/production' },
  'a number in the list': [1],
  'a list in the list': [['/eic/production']],
  'one that goes up': ['/eic/../production'],
  'one that stays': ['/eic/./production'],
  'one with two slashes': ['/eic//production'],
  'one with a slash at its end': ['/eic/production/'],
  'one with a line break': ['/eic/production\n'],
  'one with a zero byte': ['/eic/production\u0000'],
  'an empty one': [''],
  'a thousand': Array.from({ length: 300 }, (_, at) => `/g/${at}`),
};

/** Rights that are written so that somebody may read more in them than was given; tokens of other kinds. */
export const attacksOnRights = [
  ...each('scope', {
    'two, with a line break between': 'compute.read\ncompute.cancel',
    'two, with a tab between': 'compute.read\tcompute.cancel',
    'two, with two spaces between': 'compute.read  compute.cancel',
    'two, with a space that does not break': 'compute.read\u00a0compute.cancel',
    'with a quotation mark': 'compute.read"',
    'with a backslash': 'compute.read\\u0020compute.cancel',
    'a list': ['compute.read', 'compute.cancel'],
    'an object': { 'compute.cancel': true },
    'a number': 1,
    null: null,
    'of five kilobytes': 's'.repeat(4_200),
  }),
  ...each('wlcg.groups', { ...groupsThatAreNone, 'one without a slash at its front': ['eic/production'] }),
  ...each('groups', groupsThatAreNone),
  ...each('eduperson_entitlement', { 'a number': 1, 'one with a line break': ['urn:mace:x\r\n'], 'an object': {} }),
  ...each('wlcg.ver', { 'the next version': '2.0', 'a number': 1, 'a list': ['1.0'], empty: '' }),
  ...each('jti', { 'a list': ['1'], 'a number': 1, 'with a line break': '1\n2' }),
  ...attacks(/it has no jti/, { 'a WLCG token without its name (jti)': claim({ jti: undefined }) }),
  ...attacks(/it has no wlcg.ver/, {
    'no wlcg.ver': claim({ 'wlcg.ver': undefined }),
    'no wlcg.ver, nor groups of WLCG': claim({ 'wlcg.ver': undefined, 'wlcg.groups': undefined }),
    'no wlcg.ver, and a version that is none of SciTokens': claim({ 'wlcg.ver': undefined, ver: '1.0' }),
  }),
  ...attacks(/SciToken of another version/, {
    'a SciToken of version 1.0': claim({ ver: 'scitokens:1.0' }),
    'a SciToken of version 3.0': claim({ ver: 'scitoken:3.0' }),
    'a SciToken of a version in capitals': claim({ ver: 'SciToken:2.0' }),
  }),
  ...attacks(/it is an ID token/, {
    'an ID token with a nonce': claim({ nonce: 'n-0S6_WzA2Mj' }),
    'an ID token with the hash of an access token': claim({ at_hash: '77QmUPtjPfzWtF2AnpK9RQ' }),
    'an ID token with the hash of a code': claim({ c_hash: 'LDktKdoQak3Pk0cnXxCltA' }),
  }),
  ...attacks(/nothing tells it from an ID token/, {
    'an ID token of the WLCG profile, which has groups and no scope': (world) =>
      tokenWith(world, { scope: undefined, auth_time: nowS - 60 }, { typ: 'JWT' }),
    'an ID token without a type': (world) => tokenWith(world, { scope: undefined }, { typ: undefined }),
  }),
  ...attacks(/it says that it is no access token/, {
    'a refresh token of Keycloak': claim({ typ: 'Refresh' }),
    'an offline token of Keycloak': claim({ typ: 'Offline' }),
    'an ID token of Keycloak': claim({ typ: 'ID' }),
    'an ID token of Cognito': claim({ token_use: 'id' }),
  }),
  ...attacks(/a logout or security event token/, {
    'a logout token': claim({ events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }),
  }),
  ...attacks(/bound to a key|proof of possession/, {
    'a token that is bound to a key (DPoP)': claim({ cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } }),
    'a token that is bound to a certificate (mTLS)': claim({
      cnf: { 'x5t#S256': 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2' },
    }),
    'a proof of possession': claim({ htm: 'GET', htu: 'http://127.0.0.1/v1/runs' }),
  }),
];
