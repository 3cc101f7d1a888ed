import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ProblemDetails } from '../../../functions/lib/schema/problem.ts';
import { anApi, type TestApi } from '../../builders/an-api.ts';
import { attacksByTheRefused, attacksOnParties, attacksOnRights, attacksOnTimes } from './attacks-on-claims.ts';
import { attacksOnForm } from './attacks-on-form.ts';
import { attacksOnAlgorithms, attacksOnKeys } from './attacks-on-keys.ts';
import { watchOutbound } from './outbound.ts';
import { aWorld, tokenBy, tokenWith, type World } from './world.ts';

const groups = [
  ['a token’s form', attacksOnForm],
  ['a token’s algorithm', attacksOnAlgorithms],
  ['a token’s key', attacksOnKeys],
  ['who a token is of, and for', attacksOnParties],
  ['what was revoked', attacksByTheRefused],
  ['a token’s times', attacksOnTimes],
  ['a token’s rights and kind', attacksOnRights],
] as const;

let world: World;
let api: TestApi;
const outbound = watchOutbound();
beforeAll(async () => {
  world = await aWorld();
  // More refused tokens than the front takes from one address.
  const refused = { requests: 1_000_000, windowS: 60 };
  api = await anApi({ identity: world.identity, limits: { refused } });
});
afterAll(async () => {
  outbound.stop();
  await api[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

const show = (token: string) =>
  api.app.inject({ url: '/v1/runs', headers: { host: '127.0.0.1', authorization: `Bearer ${token}` } });

/** So that no attack is refused because everything is. */
const showsGoodTokens = async () => {
  for (const token of [tokenWith(world), tokenBy(world, world.ec)]) {
    const answer = await show(token);
    expect(answer.statusCode, answer.body).toBe(200);
  }
};

describe.each(groups)('an attack on %s', (_kind, attacks) => {
  beforeAll(showsGoodTokens);

  test.each([...attacks])('$name, is refused', async ({ token, says }) => {
    const before = outbound.count();
    const answer = await show(token(world));
    expect(answer.statusCode, answer.body).toBe(401);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    const problem = ProblemDetails.parse(answer.json());
    expect(problem).toMatchObject({ code: 'token-refused', status: 401, retryable: false });
    expect(problem.detail).toMatch(says);
    expect(answer.body).not.toMatch(/\.ts\b|\.js\b|node_modules|\bat \w+ \(/);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer\b.*error="invalid_token"/);
    expect(outbound.count() - before).toBe(0);
  });
});

test('more than sixty attacks have a name of their own', () => {
  const names = groups.flatMap(([, attacks]) => attacks.map(({ name }) => name));
  expect(names.length).toBeGreaterThan(200);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});

test('all of them together made papilio ask the issuer for its keys once', () => {
  expect(world.issuer.asked).toEqual(['/.well-known/openid-configuration', '/jwks']);
  expect(outbound.count()).toBe(2);
  expect([...world.neighbour.asked, ...world.trap.asked]).toEqual([]);
});
