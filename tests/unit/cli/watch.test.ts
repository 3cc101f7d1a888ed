import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { run } from '../../../clients/cli/program.ts';
import { createClient } from '../../../clients/http/client.ts';
import { type LiveNews, liveEvents } from '../../../clients/http/live.ts';
import { anEvent } from '../../builders/an-event.ts';

const hash = '0'.repeat(64);
const block = (seq: number): string =>
  `id: a0-w${seq}\ndata: ${JSON.stringify({ specversion: '1.0', ...anEvent({ id: `work-${seq}` }), seq, hash })}\n\n`;
const refusal = (status: number, code: string): string =>
  JSON.stringify({
    ...{ type: `/v1/errors/${code}`, title: 'No', status, detail: 'not now', code, requestId: 'r' },
    ...{ help: 'later', retryable: status > 500 },
  });

type Answer = (response: ServerResponse) => unknown;
const stream =
  (text: string, isLast = false): Answer =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`retry: 1\n${text}`);
    if (!isLast) response.end();
  };
const problem =
  (status: number, code: string): Answer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/problem+json' }).end(refusal(status, code));

/** A papilio that gives one answer after the other; notes after which position it was asked. */
const aPapilio = async (...answers: readonly Answer[]) => {
  const asked: (string | undefined)[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    asked.push(request.headers['last-event-id']?.toString());
    const answer = answers[asked.length - 1];
    if (answer) answer(response);
    else response.destroy();
  }).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, asked };
};

/** Hears news until there are so many. */
const hear = async (
  url: string,
  count: number,
  times: { silenceMs?: number; patienceMs?: number } = {},
): Promise<LiveNews[]> => {
  const leaving = new AbortController();
  const news: LiveNews[] = [];
  const options = { signal: leaving.signal, ...times };
  for await (const each of liveEvents(createClient(url), {}, options)) {
    news.push(each);
    if (news.length === count) break;
  }
  leaving.abort();
  return news;
};
const kinds = (news: readonly LiveNews[]) => news.map((each) => (each.kind === 'event' ? each.event.seq : each.kind));

test('a stream that ends is taken up after the last event that was heard, through a papilio that is away for a while', async () => {
  const away = problem(503, 'plane-unavailable');
  const papilio = await aPapilio(stream(block(1) + block(2)), away, away, stream(block(3), true));
  expect(kinds(await hear(papilio.url, 5))).toEqual([1, 2, 'lost', 'back', 3]);
  expect(papilio.asked).toEqual([undefined, 'a0-w2', 'a0-w2', 'a0-w2']);
});

test('half an event is no event, and comes again', async () => {
  const papilio = await aPapilio(stream(block(1) + block(2).slice(0, 60)), stream(block(2), true));
  expect(kinds(await hear(papilio.url, 4))).toEqual([1, 'lost', 'back', 2]);
  expect(papilio.asked).toEqual([undefined, 'a0-w1']);
});

test('a heartbeat moves the place from which a stream is taken up', async () => {
  const papilio = await aPapilio(stream(`${block(1)}: a7-w9\nid: a7-w9\n\n`), stream(block(10), true));
  await hear(papilio.url, 4);
  expect(papilio.asked).toEqual([undefined, 'a7-w9']);
});

test('a stream that says nothing any more is given up', async () => {
  const papilio = await aPapilio(stream(block(1), true), stream(block(2), true));
  const news = await hear(papilio.url, 4, { silenceMs: 1_000 });
  expect(kinds(news)).toEqual([1, 'lost', 'back', 2]);
  expect(news[1]).toMatchObject({ kind: 'lost', reason: expect.stringContaining('nothing came') });
});

test('a papilio that is just being started is waited for, whatever is heard until it is there', async () => {
  const nobody: Answer = (response) => response.destroy();
  const early = [nobody, problem(503, 'not-ready'), problem(502, 'bad-gateway')];
  const papilio = await aPapilio(...early, stream(block(1) + block(2)), stream(block(3), true));
  const news = await hear(papilio.url, 7);
  expect(kinds(news)).toEqual(['away', 'there', 1, 2, 'lost', 'back', 3]);
  expect(news[0]).toMatchObject({ reason: expect.stringContaining('nothing listens at') });
  expect(papilio.asked).toEqual([undefined, undefined, undefined, undefined, 'a0-w2']);
});

test.each<[string, Answer]>([
  ['ends', (response) => response.end()],
  ['breaks off', (response) => setTimeout(() => response.destroy(), 50)],
  ['is silent', () => undefined],
])('a stream that %s before its first word has not begun, and is asked for again', async (_, end) => {
  const mute: Answer = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    end(response);
  };
  const papilio = await aPapilio(mute, stream(block(1), true), mute);
  expect(kinds(await hear(papilio.url, 3, { silenceMs: 1_000 }))).toEqual(['away', 'there', 1]);
  const never = await aPapilio(mute);
  const refusals = { code: 'unreachable', status: 0 };
  await expect(hear(never.url, 1, { silenceMs: 1_000, patienceMs: 0 })).rejects.toMatchObject(refusals);
});

test('what coming back would not mend is an error: nobody there for long, a refusal, a token that has expired', async () => {
  await expect(hear('http://127.0.0.1:9', 2, { patienceMs: 1 })).rejects.toMatchObject({ code: 'unreachable' });
  const full = await aPapilio(problem(429, 'live-clients-too-many'));
  await expect(hear(full.url, 1)).rejects.toMatchObject({ code: 'live-clients-too-many' });
  const papilio = await aPapilio(stream(block(1)), problem(401, 'token-refused'));
  await expect(hear(papilio.url, 9)).rejects.toMatchObject({ code: 'token-refused', status: 401 });
});

test('papilio watch prints events, says what happens to the connection, and ends by Ctrl-C', async () => {
  const reset = 'id: a0-w4\nevent: reset\ndata: {"asked":"a9-w9","position":"a0-w4"}\n\n';
  const away = problem(503, 'not-ready');
  const papilio = await aPapilio(away, stream(block(1)), stream(reset + block(5), true));
  const stopping = new AbortController();
  const written = { out: '', err: '' };
  const io = {
    out: {
      write: (text: string | Uint8Array) => {
        written.out += text;
        if (written.out.includes('"seq":5')) stopping.abort();
      },
    },
    err: { write: (text: string | Uint8Array) => (written.err += text) },
    signal: stopping.signal,
  };
  expect(await run(['watch', '-o', 'jsonl', '--url', papilio.url], io)).toBe(130);
  expect(written.out.trim().split('\n')).toHaveLength(2);
  expect(written.err).toMatch(
    /no connection yet \(.*\)[\s\S]*connection is there[\s\S]*is lost \(.*\)[\s\S]*is back[\s\S]*never came to a9-w9; this goes on after a0-w4/,
  );
});
