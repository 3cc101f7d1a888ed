import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandView } from '#schema/command';
import { ProblemDetails } from '#schema/problem';
import { QuarantineView } from '#schema/view';
import { aMessageOf, anStfMessage } from '../../builders/a-message.ts';
import { adminToken } from '../../builders/an-api.ts';
import { type ApiWithPlanes, anApiWithPlanes } from '../../builders/an-api-with-planes.ts';

const bad = aMessageOf('{"msg_type":"coffee_ready"}');
const good = anStfMessage(1).raw;
const why = 'the sender was told';
const own = { host: '127.0.0.1:8714', authorization: `Bearer ${adminToken}`, 'papilio-user': 'anna' };
type Headers = Readonly<Record<string, string>>;

let api: ApiWithPlanes;
let id: string;
beforeEach(async () => {
  api = await anApiWithPlanes();
  id = await api.hold('archive', bad);
});
afterEach(() => api[Symbol.asyncDispose]());

const post = (act: string, body: unknown = { why }, headers: Headers = {}, of = id) =>
  api.app.inject({
    method: 'POST',
    url: `/v1/quarantine/${of}/${act}`,
    headers: { 'content-type': 'application/json', ...own, ...headers },
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  });
const get = (url: string) => api.app.inject({ url, headers: { host: own.host } });
const shown = async () => QuarantineView.parse((await get(`/v1/quarantine/${id}`)).json());
const problemOf = (answer: { json: () => unknown }) => ProblemDetails.parse(answer.json());

describe('an action', () => {
  it('is done by the plane that owns the thing, with who asked and why, and answered when it is', async () => {
    const answer = await post('discard');
    expect(answer.statusCode, answer.body).toBe(200);
    const view = CommandView.parse(answer.json());
    expect(view).toMatchObject({ action: 'quarantine.discard', subject: id, by: 'anna', why, state: 'done' });
    expect(view.endings).toMatchObject([{ plane: 'archive', state: 'done' }]);
    expect(api.sent).toMatchObject([{ plane: 'archive', queue: 'settle-message' }]);
    expect((await shown()).findings).toMatchObject([
      { state: 'discarded', acts: [{ act: 'discard', by: 'anna', why }] },
    ]);
    expect((await get(answer.headers.location ?? '')).json()).toEqual(view);
  });

  it('on what both planes hold is ended when both have ended it', async () => {
    await api.hold('work', bad);
    const view = CommandView.parse((await post('mend', { why, body: good })).json());
    expect(view.endings.map(({ plane, state }) => [plane, state])).toEqual([
      ['archive', 'done'],
      ['work', 'done'],
    ]);
    expect((await shown()).findings.map(({ state }) => state)).toEqual(['mended', 'mended']);
  });

  it('that a plane refuses is a problem of the request, and stays readable as refused', async () => {
    const answer = await post('mend', { why, body: '{"msg_type":"tea_ready"}' }, { 'idempotency-key': 'tea' });
    expect(answer.statusCode).toBe(422);
    expect(problemOf(answer)).toMatchObject({ code: 'message-type-unknown' });
    const [sent] = api.sent;
    expect((await get(`/v1/commands/${sent?.command.id}`)).json()).toMatchObject({ state: 'refused' });
  });

  it('on what is settled is a conflict, on what is not there is missing', async () => {
    await post('discard');
    const again = await post('discard');
    expect([again.statusCode, problemOf(again).code]).toEqual([409, 'quarantine-settled']);
    const none = await post('discard', { why }, {}, `quarantine_${'0'.repeat(32)}`);
    expect([none.statusCode, problemOf(none).code]).toEqual([404, 'record-missing']);
  });

  it.each([
    ['no reason', {}],
    ['a blank reason', { why: ' ' }],
    ['an endless reason', { why: 'x'.repeat(501) }],
    ['a field that it does not take', { why, force: true }],
    ['no object', [why]],
  ])('with %s is refused before anything is sent', async (_, body) => {
    const answer = await post('discard', body);
    expect([answer.statusCode, problemOf(answer).code]).toEqual([422, 'input-invalid']);
    expect(api.sent).toEqual([]);
  });

  it.each([
    ['broken JSON', '{"why":', 'application/json', 400],
    ['a form, as a page of another site can send it', 'why=x', 'application/x-www-form-urlencoded', 415],
    ['plain text, likewise', `{"why":"x"}`, 'text/plain', 415],
    ['more than a queue takes', JSON.stringify({ why, body: 'x'.repeat(300_000) }), 'application/json', 413],
  ])('with %s is refused', async (_, body, type, status) => {
    const answer = await post('mend', body, { 'content-type': type });
    expect(answer.statusCode).toBe(status);
    expect(problemOf(answer).code).toBe('input-invalid');
    expect(api.sent).toEqual([]);
  });
});

describe('who may', () => {
  it.each([
    ['no token', ''],
    ['another token', 'Bearer other'],
    ['a token of another kind', `Basic ${adminToken}`],
  ])('is not who shows %s', async (_, authorization) => {
    const answer = await post('discard', { why }, { authorization });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="papilio", error="invalid_token"');
    expect(problemOf(answer)).toMatchObject({ code: 'token-refused', help: expect.stringContaining('PAPILIO_TOKEN') });
    expect(answer.body).not.toContain(adminToken);
    expect(api.sent).toEqual([]);
  });

  it.each(['http://evil.example', 'null', 'http://127.0.0.1:3000', 'http://127.0.0.1:8714.evil.example'])(
    'is not a page of %s, token or not',
    async (origin) => {
      const answer = await post('discard', { why }, { origin });
      expect([answer.statusCode, problemOf(answer).code]).toEqual([403, 'origin-refused']);
      expect(api.sent).toEqual([]);
    },
  );

  it('is not who asks under a foreign name', async () => {
    const answer = await post('discard', { why }, { host: 'evil.example', origin: 'http://evil.example' });
    expect([answer.statusCode, problemOf(answer).code]).toEqual([403, 'host-refused']);
  });

  it('is a page that papilio serves itself', async () => {
    expect((await post('discard', { why }, { origin: 'http://127.0.0.1:8714' })).statusCode).toBe(200);
  });

  it('is named by the header, or is the administrator', async () => {
    await post('discard', { why }, { 'papilio-user': '' });
    expect(api.sent).toEqual([]);
    await api.app.inject({
      method: 'POST',
      url: `/v1/quarantine/${id}/discard`,
      headers: { host: own.host, authorization: own.authorization },
      payload: { why },
    });
    expect(api.sent[0]?.command.by).toBe('admin');
  });
});

describe('a method that a path does not take', () => {
  it.each([
    ['POST', '/v1/status', 'GET, HEAD'],
    ['DELETE', '/v1/quarantine/x?y=1', 'GET, HEAD'],
    ['GET', '/v1/quarantine/x/discard', 'POST'],
    ['PUT', '/v1/quarantine', 'GET, HEAD'],
  ] as const)('%s %s is told which it takes', async (method, url, allow) => {
    const answer = await api.app.inject({ method, url, headers: own });
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, allow]);
    expect(problemOf(answer).code).toBe('method-not-allowed');
  });

  it('is nothing special where there is no page', async () => {
    const answer = await api.app.inject({ method: 'POST', url: '/v1/coffee', headers: own });
    expect([answer.statusCode, answer.headers.allow, problemOf(answer).code]).toEqual([404, undefined, 'not-found']);
  });
});

describe('a key', () => {
  const key = { 'idempotency-key': 'once' };

  it('makes a repeat the same command, with the same answer', async () => {
    const first = await post('discard', { why }, key);
    const second = await post('discard', { why }, key);
    expect([second.statusCode, second.json()]).toEqual([200, first.json()]);
    expect(api.sent).toHaveLength(1);
  });

  it.each<[string, string, unknown, Headers]>([
    ['reason', 'discard', { why: 'another' }, {}],
    ['action', 'replay', { why }, {}],
    ['person', 'discard', { why }, { 'papilio-user': 'bert' }],
  ])('stands for one request: with another %s it is refused', async (_, act, body, headers) => {
    await post('discard', { why }, key);
    const answer = await post(act, body, { ...key, ...headers });
    expect([answer.statusCode, problemOf(answer).code]).toEqual([422, 'key-reused']);
    expect(api.sent).toHaveLength(1);
  });

  it('is not used up by a request that was not sent', async () => {
    api.reports.archive = undefined;
    expect((await post('discard', { why }, key)).statusCode).toBe(503);
    Object.assign(api.reports, { archive: {} });
    expect((await post('discard', { why }, key)).statusCode).toBe(200);
  });
});

describe('If-Match', () => {
  it('lets through what was not changed since it was looked at', async () => {
    const { headers } = await get(`/v1/quarantine/${id}`);
    expect((await post('discard', { why }, { 'if-match': String(headers.etag) })).statusCode).toBe(200);
    expect(api.sent[0]?.command.ifVersion).toBe(1);
  });

  it('refuses what was, sending nothing', async () => {
    const answer = await post('discard', { why }, { 'if-match': '"a7-w0"' });
    expect([answer.statusCode, problemOf(answer).code]).toEqual([412, 'version-outdated']);
    expect(api.sent).toEqual([]);
  });

  it('refuses what was changed on the way to its plane', async () => {
    const { etag } = await shown();
    api.onCommand = async (command) => {
      if (command.why !== why) return;
      await post('discard', { why: 'somebody was faster' });
      await post('replay', { why: 'somebody was faster' });
    };
    const answer = await post('discard', { why }, { 'if-match': etag });
    expect([answer.statusCode, problemOf(answer).code]).toEqual([412, 'version-outdated']);
  });
});

describe('a plane that takes its time', () => {
  const key = { 'idempotency-key': 'slow' };
  /** What was asked and is not ended in time, with its address. */
  const late = async () => {
    const timers = api.clock.timers();
    const asking = post('discard', { why }, key);
    await api.clock.whenTimers(timers + 1);
    await api.clock.advance(2_000);
    return asking;
  };
  beforeEach(async () => {
    await api.caughtUp();
    api.isBusy = true;
  });

  it('is waited for 2 s; then the command has an address that tells how it ends', async () => {
    const answer = await late();
    expect(answer.statusCode).toBe(202);
    const view = CommandView.parse(answer.json());
    expect(view).toMatchObject({ state: 'waiting', endings: [] });
    expect(answer.headers.location).toBe(`/v1/commands/${view.id}`);
    expect((await get(`/v1/commands/${view.id}`)).json()).toEqual(view);
    const ending = get(`/v1/commands/${view.id}?waitMs=30000`);
    await api.work();
    expect((await ending).json()).toMatchObject({ state: 'done', endings: [{ plane: 'archive' }] });
  });

  it('answers as soon as it has ended it', async () => {
    const timers = api.clock.timers();
    const asking = post('discard', { why }, key);
    await api.clock.whenTimers(timers + 1);
    await api.work();
    expect((await asking).statusCode).toBe(200);
  });

  it('does once what is asked again meanwhile, and nothing else under the same key', async () => {
    await late();
    const other = await post('replay', { why }, key);
    expect([other.statusCode, problemOf(other).code]).toEqual([422, 'key-reused']);
    await late();
    await api.work();
    const { findings } = await shown();
    expect(findings[0]?.acts).toHaveLength(1);
    expect((await post('discard', { why }, key)).statusCode).toBe(200);
  });
});

describe('a plane that is away', () => {
  it('is told with when to try again', async () => {
    api.reports.archive = undefined;
    const answer = await post('discard');
    expect([answer.statusCode, problemOf(answer)]).toMatchObject([503, { code: 'plane-unavailable', retryable: true }]);
    expect(answer.headers['retry-after']).toBeDefined();
  });
});
