import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { LivePolicy } from '../../functions/api/live/policy.ts';
import { ProblemDetails } from '../../functions/lib/schema/problem.ts';
import { EventPage } from '../../functions/lib/schema/view.ts';
import { adminToken, anApi } from '../builders/an-api.ts';
import { anEvent } from '../builders/an-event.ts';
import { ears } from '../builders/live-events.ts';

const accept = 'text/event-stream';
const padding = 'x'.repeat(3_900);

/** The API on a socket, with a log of the work plane that the test writes. */
const anApiOnASocket = async (live: Partial<LivePolicy> = {}) => {
  const api = await anApi({ live });
  const url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  let last = 0;
  const write = async (count: number, data: Record<string, unknown> = {}): Promise<void> => {
    const events = Array.from({ length: count }, (_, at) => anEvent({ id: `work-${last + at + 1}`, data }));
    last += count;
    await api.planes.work.store.transact({ writes: [], events });
  };
  /** Opens a stream and hears it until the test is over. */
  const listen = async (query = '', headers: Record<string, string> = {}) => {
    const leaving = new AbortController();
    onTestFinished(() => leaving.abort());
    const response = await fetch(`${url}/v1/events${query}`, {
      headers: { accept, ...headers },
      signal: leaving.signal,
    });
    const heard = ears();
    const decoder = new TextDecoder();
    const over = (async () => {
      for await (const piece of response.body ?? []) heard.read(decoder.decode(piece, { stream: true }));
      return 'ended' as const;
    })().catch(() => 'lost' as const);
    return { response, over, ...heard };
  };
  /** Lets time pass until something is so. */
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) {
      await api.clock.advance(10);
      await setImmediate();
    }
  };
  return { api, url, write, listen, until, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
};

describe('GET /v1/events with Accept: text/event-stream', () => {
  it('answers with a stream that nobody keeps or holds back, and says first where it begins', async () => {
    await using house = await anApiOnASocket();
    await house.write(3);
    await house.api.caughtUp();
    const { response, comments } = await house.listen();
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      vary: 'accept',
      'papilio-instance': 'prod',
    });
    await house.until(() => comments.length > 0);
    expect(comments).toEqual(['a0-w3']);
  });

  it('goes on after Last-Event-ID, which wins over the address that a browser asks again', async () => {
    await using house = await anApiOnASocket();
    await house.write(9);
    const { messages } = await house.listen('?after=a0-w2', { 'last-event-id': 'a0-w7' });
    await house.until(() => messages.length === 2);
    expect(messages.map(({ id }) => id)).toEqual(['a0-w8', 'a0-w9']);
    const { messages: first } = await house.listen('?after=a0-w2', { 'last-event-id': '' });
    await house.until(() => first.length === 7);
  });

  it.each(['*/*', 'application/json', 'application/json, text/event-stream;q=0.5', 'text/event-stream;q=0'])(
    'Accept: %s gets a page',
    async (asked) => {
      await using house = await anApiOnASocket();
      await house.write(2);
      const answer = await fetch(`${house.url}/v1/events`, { headers: { accept: asked } });
      expect(EventPage.parse(await answer.json()).items).toHaveLength(2);
    },
  );

  it.each([
    ['?after=nonsense', {}, 422, 'input-invalid'],
    ['', { 'last-event-id': 'a1-w1\t2' }, 422, 'input-invalid'],
    ['?run=x', {}, 422, 'input-invalid'],
    ['', { 'last-event-id': 'a'.repeat(41) }, 422, 'input-invalid'],
  ])('%s %o is a problem', async (query, headers: Record<string, string>, status, code) => {
    await using house = await anApiOnASocket();
    const answer = await fetch(`${house.url}/v1/events${query}`, { headers: { accept, ...headers } });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(ProblemDetails.parse(await answer.json())).toMatchObject({ status, code });
  });

  it('a page after a position that the logs never came to is refused, with where they end', async () => {
    await using house = await anApiOnASocket();
    await house.write(2);
    const answer = await fetch(`${house.url}/v1/events?after=a0-w3`);
    const problem = ProblemDetails.parse(await answer.json());
    expect(problem).toMatchObject({ status: 409, code: 'position-unknown', detail: expect.stringContaining('a0-w2') });
  });

  it('is refused with a time to come again when there are as many as may be', async () => {
    await using house = await anApiOnASocket({ clients: 1 });
    await house.listen();
    const answer = await fetch(`${house.url}/v1/events`, { headers: { accept } });
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(ProblemDetails.parse(await answer.json())).toMatchObject({ code: 'live-clients-too-many', retryable: true });
  });

  it('without a token leaves room for others', async () => {
    await using house = await anApiOnASocket({ clientsOfThisMachine: 1 });
    await house.listen();
    const ask = (headers: Record<string, string> = {}) =>
      fetch(`${house.url}/v1/events`, { headers: { accept, ...headers } });
    const refused = await ask();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '2']);
    expect(ProblemDetails.parse(await refused.json()).detail).toContain('anonymous: live streams: at most 1');
    const administrator = await ask({ authorization: `Bearer ${adminToken}` });
    expect(administrator.status).toBe(200);
    await administrator.body?.cancel();
  });

  it('asked with HEAD has headers and no stream', async () => {
    await using house = await anApiOnASocket({ clients: 1 });
    const answer = await fetch(`${house.url}/v1/events`, { method: 'HEAD', headers: { accept } });
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    expect(await answer.text()).toBe('');
    const { response } = await house.listen();
    expect(response.status).toBe(200);
  });

  it('comes out of the application piece by piece, as a function would stream it', async () => {
    await using house = await anApiOnASocket();
    const answer = await house.api.app.inject({ url: '/v1/events', headers: { accept }, payloadAsStream: true });
    const heard = ears();
    const stream = answer.stream().setEncoding('utf8').on('data', heard.read);
    await house.write(1);
    await house.until(() => heard.messages.length === 1);
    expect(heard.events()).toMatchObject([{ specversion: '1.0', id: 'work-1' }]);
    stream.destroy();
  });

  it('leaves nothing of clients behind that are gone before they are answered', async () => {
    await using house = await anApiOnASocket({ clients: 3 });
    const { port } = new URL(house.url);
    for (let one = 0; one < 30; one += 1) {
      const leaving = connect({ host: '127.0.0.1', port: Number(port) });
      leaving.on('error', () => undefined);
      leaving.write(`GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: ${accept}\r\n\r\n`, () => leaving.destroy());
      await once(leaving, 'close');
    }
    const opened: Response[] = [];
    while (opened.length < 3) {
      const { response } = await house.listen();
      if (response.ok) opened.push(response);
      await setImmediate();
    }
    expect((await house.listen()).response.status).toBe(503);
  });

  it('ends when the front stops', async () => {
    const house = await anApiOnASocket();
    const { over, comments } = await house.listen();
    await house.until(() => comments.length > 0);
    await house[Symbol.asyncDispose]();
    await expect(over).resolves.toBe('ended');
  });

  it('loses a client that takes nothing, and nobody beside it misses anything', async () => {
    await using house = await anApiOnASocket({ stallMs: 20_000, sweepMs: 5_000 });
    const well = await house.listen();
    const stalled: Socket = connect({ host: '127.0.0.1', port: Number(new URL(house.url).port) });
    onTestFinished(() => void stalled.destroy());
    stalled.write(`GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: ${accept}\r\n\r\n`);
    const [head] = await once(stalled, 'data');
    expect(String(head)).toContain('200 OK');
    stalled.pause();
    let isDropped = false;
    house.api.app.server.getConnections((_, before) => expect(before).toBe(2));
    const wanted = 4_000;
    for (let sent = 0; sent < wanted; sent += 50) {
      await house.write(50, { padding });
      await house.until(() => well.messages.length === sent + 50);
    }
    await house.until(() => {
      house.api.app.server.getConnections((_, now) => {
        isDropped = now === 1;
      });
      return isDropped;
    });
    expect(well.events().map(({ seq }) => seq)).toEqual(Array.from({ length: wanted }, (_, at) => at + 1));
    // What reached it is whole up to its last id, with which it comes back.
    const heard = ears();
    stalled
      .on('error', () => undefined)
      .on('data', (piece) => heard.read(String(piece).replace(/\r\n[0-9a-f]+\r\n/g, '')));
    stalled.resume();
    await once(stalled, 'close');
    const lastId = heard.lastId() ?? 'a0-w0';
    const back = await house.listen('', { 'last-event-id': lastId });
    await house.until(() => back.lastId() === `a0-w${wanted}`);
    expect(heard.messages.length + back.messages.length).toBe(wanted);
  });
});
