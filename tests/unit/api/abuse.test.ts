import { once } from 'node:events';
import { connect } from 'node:net';
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

test('whoever asks is answered, whatever number of connections asks nothing', async () => {
  await using api = await anApi({ limits: { connections: 20 } });
  const { port } = new URL(await api.app.listen({ host: '127.0.0.1', port: 0 }));
  const silent = await Promise.all(
    Array.from({ length: 60 }, async () => {
      const socket = connect(Number(port), '127.0.0.1').on('error', () => undefined);
      await once(socket, 'connect');
      return { socket, closed: new Promise((resolve) => socket.once('close', resolve)) };
    }),
  );
  expect((await fetch(`http://127.0.0.1:${port}/v1/version`)).status).toBe(200);
  // Those that have been silent for longest made room.
  await Promise.all(silent.slice(0, 40).map(({ closed }) => closed));
  for (const { socket } of silent) socket.destroy();
});
