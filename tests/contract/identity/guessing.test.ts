import { expect, onTestFinished, test } from 'vitest';
import { defaultLimits } from '../../../functions/api/limits.ts';
import { ProblemDetails } from '../../../functions/lib/schema/problem.ts';
import { adminToken, anApi } from '../../builders/an-api.ts';
import { aWorld, tokenWith } from './world.ts';

test('who shows many bad tokens is told why each is refused and when to come again; nobody at the same address notices', async () => {
  const world = await aWorld();
  onTestFinished(() => world[Symbol.asyncDispose]());
  const api = await anApi({ identity: world.identity });
  onTestFinished(() => api[Symbol.asyncDispose]());
  const show = (token: string, remoteAddress = '192.0.2.7') =>
    api.app.inject({
      url: '/v1/runs',
      remoteAddress,
      headers: { host: '127.0.0.1', authorization: `Bearer ${token}` },
    });
  const { requests, windowS } = defaultLimits.refused;
  const bad = [tokenWith(world, { exp: 0, iat: 0 }), 'guessed', 'papilio_0123456789', 'a.b.c'];
  for (let guess = 0; guess < requests; guess += 1)
    expect((await show(bad[guess % bad.length] ?? '')).statusCode).toBe(401);
  const reasons = [/it has expired/, /neither the one in admin.token/, /not whole/, /it is not base64url/];
  for (const [at, token] of bad.entries()) {
    const answer = await show(token);
    expect(answer.statusCode, answer.body).toBe(401);
    const problem = ProblemDetails.parse(answer.json());
    expect(problem.code).toBe('token-refused');
    expect(problem.detail).toMatch(reasons[at] ?? /never/);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  }
  expect((await show(tokenWith(world))).statusCode).toBe(200);
  expect((await show(adminToken)).statusCode).toBe(200);
  expect((await show('guessed', '192.0.2.8')).headers['retry-after']).toBeUndefined();
  await api.clock.advance((windowS * 1_000) / requests);
  expect((await show('guessed')).headers['retry-after']).toBeUndefined();
  expect((await show('guessed')).headers['retry-after']).toBe('1');
});
