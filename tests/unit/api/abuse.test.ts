import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { ProblemDetails } from '#schema/problem';
import { anApi } from '../../builders/an-api.ts';

test.each([
  ['a bare percent', '/%'],
  ['a byte that is no text', '/v1/stfs/%ff'],
  ['an endless name', `/v1/stfs/${'x'.repeat(300)}`],
])('%s in a path is refused with problem details', async (url) => {
  await using api = await anApi();
  const response = await api.app.inject({ url });
  expect(response.headers['content-type']).toContain('application/problem+json');
  const problem = ProblemDetails.parse(response.json());
  expect(problem.status).toBe(response.statusCode);
  expect(response.statusCode).toBeGreaterThanOrEqual(400);
  expect(response.statusCode).toBeLessThan(500);
});

test('connections that ask nothing are bounded, and the one who asks is answered', async () => {
  await using api = await anApi();
  const { port } = new URL(await api.app.listen({ host: '127.0.0.1', port: 0 }));
  const idle: Socket[] = [];
  const first = await fetch(`http://127.0.0.1:${port}/v1/version`);
  expect(first.status).toBe(200);
  const dropped = once(api.app.server, 'drop');
  for (let nth = 0; nth < 600; nth++) idle.push(connect(Number(port), '127.0.0.1').on('error', () => undefined));
  await dropped;
  for (const socket of idle) socket.destroy();
  await expect
    .poll(() =>
      fetch(`http://127.0.0.1:${port}/v1/version`).then(
        (answer) => answer.status,
        () => 0,
      ),
    )
    .toBe(200);
});
