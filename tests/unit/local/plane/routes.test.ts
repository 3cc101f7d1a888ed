import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import type { EventLog } from '#ports/event-log';
import { createMemoryStore } from '../../../../functions/adapters/store/memory.ts';
import { planeRoutes } from '../../../../local/plane/routes.ts';
import { anEvent } from '../../../builders/an-event.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';

/** The routes of a plane behind a server, and a log that says when somebody waits. */
const aPlane = async () => {
  const { store, log } = createMemoryStore({ clock: fakeClock() });
  const waits = Promise.withResolvers<void>();
  const watched: EventLog = {
    ...log,
    wait: (...args) => {
      const waiting = log.wait(...args);
      waits.resolve();
      return waiting;
    },
  };
  const closing = new AbortController();
  const route = planeRoutes({ log: watched, status: () => ({ plane: 'work' }), closing: closing.signal });
  const server = createServer((request, response) => {
    if (!route(request, response)) response.writeHead(418).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const write = (id: string) => store.transact({ writes: [], events: [anEvent({ id })] });
  return {
    get: (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init),
    write,
    isWaitedFor: waits.promise,
    closing,
  };
};

test('who waits for the log is answered by the next commit', async () => {
  const { get, write, isWaitedFor } = await aPlane();
  const answer = get('/log?after=0&waitMs=60000');
  await isWaitedFor;
  await write('one');
  expect(await (await answer).json()).toMatchObject({ events: [{ id: 'one', seq: 1 }], head: 1 });
});

test('a page of the log begins behind its position and has its limit', async () => {
  const { get, write } = await aPlane();
  for (const id of ['one', 'two', 'three']) await write(id);
  expect(await (await get('/log?after=1&limit=1')).json()).toMatchObject({ events: [{ id: 'two' }], head: 3 });
});

test('what is no address is nowhere, and the plane goes on', async () => {
  const { get } = await aPlane();
  expect((await get('//')).status).toBe(404);
  expect((await get('/status')).status).toBe(200);
});

test('a plane that closes answers who waits', async () => {
  const { get, isWaitedFor, closing } = await aPlane();
  const answer = get('/log?waitMs=60000');
  await isWaitedFor;
  closing.abort();
  expect(await (await answer).json()).toEqual({ events: [], head: 0 });
});

test.each(['/log?after=-1', '/log?limit=0', '/log?waitMs=soon', '/log?limit=1001'])('%s is refused', async (path) => {
  const { get } = await aPlane();
  const answer = await get(path);
  expect(answer.status).toBe(422);
  expect(await answer.json()).toMatchObject({ code: 'input-invalid' });
});

test('what is no GET is left to the engine; other pages are not there', async () => {
  const { get } = await aPlane();
  expect((await get('/status', { method: 'POST' })).status).toBe(418);
  expect((await get('/constructor')).status).toBe(404);
  expect(await (await get('/status')).json()).toEqual({ plane: 'work' });
});
