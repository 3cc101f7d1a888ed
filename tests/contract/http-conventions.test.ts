import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ProblemDetails } from '../../functions/lib/schema/problem.ts';
import { adminToken, type TestApi } from '../builders/an-api.ts';
import { aFullApi } from './http-api-full.ts';
import { routes } from './http-api-routes.ts';

/** What holds for every route, whichever it is: each is asked, and none is left out. */
const Parameter = z.looseObject({ name: z.string(), in: z.string() });
const Operation = z.looseObject({ operationId: z.string(), parameters: z.array(Parameter).default([]) });
const Paths = z.record(z.string(), z.record(z.string(), Operation));
type Operation = z.infer<typeof Operation>;

let api: TestApi;
let paths: z.infer<typeof Paths>;
beforeAll(async () => {
  api = await aFullApi();
  await api.app.ready();
  paths = Paths.parse(api.app.swagger().paths);
});
afterAll(() => api[Symbol.asyncDispose]());

const all = Object.entries(routes);
/** Its row in the table asks with GET, or with POST and a body. */
const got = all.filter(([, row]) => row.body === undefined);
const posted = all.filter(([, row]) => row.body !== undefined);

const known = { host: '127.0.0.1', authorization: `Bearer ${adminToken}` };
const ask = (url: string, headers: Readonly<Record<string, string>> = {}, method: 'GET' | 'HEAD' = 'GET') =>
  api.app.inject({ method, url, headers: { ...known, ...headers } });
const post = (url: string, payload: object, headers: Readonly<Record<string, string>> = {}) =>
  api.app.inject({ method: 'POST', url, headers: { ...known, ...headers }, payload });

const operationOf = (path: string, method: string): Operation => Operation.parse(paths[path]?.[method]);
const takes = (path: string, method: string, place: string, name: string): boolean =>
  operationOf(path, method).parameters.some((one) => one.in === place && one.name === name);
/** Whether an answer says the same when it is asked again. */
const isVolatile = (path: string): boolean => ['/v1/status', '/v1/audit', '/v1/usage', '/v1/me'].includes(path);

describe('whatever is got', () => {
  it.each(got)('%s has an ETag, and nothing is sent to who has it already', async (path, { good }) => {
    const first = await ask(good);
    expect(first.headers).toMatchObject({ etag: expect.stringMatching(/^(W\/)?"[^"]+"$/) });
    expect(first.headers['cache-control']).toBe('private, no-cache');
    if (isVolatile(path)) return;
    for (const list of [first.headers.etag, `"other", W/${first.headers.etag}`, '*']) {
      const again = await ask(good, { 'if-none-match': String(list) });
      expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, '', first.headers.etag]);
    }
    expect((await ask(good, { 'if-none-match': '"other", x' })).statusCode).toBe(200);
  });

  it.each(got)('%s answers HEAD as GET, without the body', async (path, { good }) => {
    const [whole, head] = [await ask(good), await ask(good, {}, 'HEAD')];
    expect([head.statusCode, head.body]).toEqual([200, '']);
    expect(head.headers['content-type']).toBe(whole.headers['content-type']);
    if (!isVolatile(path)) expect(head.headers['content-length']).toBe(whole.headers['content-length']);
  });

  it.each(got)('%s has no number that a reader of JSON would change', async (_, { good }) => {
    const answer = await ask(good);
    if (!answer.headers['content-type']?.toString().startsWith('application/json')) return;
    const numbers = answer.body.replace(/"(?:[^"\\]|\\.)*"/g, '""').match(/-?\d+(\.\d+)?/g) ?? [];
    expect(numbers.filter((text) => !text.includes('.') && !Number.isSafeInteger(Number(text)))).toEqual([]);
  });
});

describe('every list', () => {
  const Page = z.looseObject({ items: z.array(z.unknown()), next: z.string().optional() });
  const withLimit = (url: string, query: Readonly<Record<string, string>>): string => {
    const whole = new URL(url, 'http://x');
    for (const [name, value] of Object.entries(query)) whole.searchParams.set(name, value);
    return `${whole.pathname}${whole.search}`;
  };

  it.each(got)('%s goes on by an opaque cursor and its Link, and one by one says the same', async (path, { good }) => {
    if (!takes(path, 'get', 'query', 'cursor')) return;
    const whole = Page.parse((await ask(withLimit(good, { limit: '100' }))).json());
    const items: unknown[] = [];
    let url: string | undefined = withLimit(good, { limit: '1' });
    for (let pages = 0; url !== undefined && pages < 200; pages++) {
      const answer = await ask(url);
      const page = Page.parse(answer.json());
      items.push(...page.items);
      const [, link] = /^<([^>]+)>; rel="next"$/.exec(String(answer.headers.link ?? '')) ?? [];
      expect(link === undefined).toBe(page.next === undefined);
      expect(link === undefined ? undefined : new URL(link, 'http://x').searchParams.get('cursor')).toBe(page.next);
      url = link;
    }
    if (!isVolatile(path)) expect(items).toEqual(whole.items);
  });

  it.each(got)('%s refuses what is no cursor of its own, and no limit', async (path, { good }) => {
    if (!takes(path, 'get', 'query', 'cursor')) return;
    const foreign = Buffer.from('{"from":7}').toString('base64url');
    for (const cursor of ['x', foreign, 'AAAA', `${foreign}${foreign}`])
      expect(ProblemDetails.parse((await ask(withLimit(good, { cursor }))).json()).code).toBe('cursor-unknown');
    for (const limit of ['0', '-1', '501', '1.5', 'all', '', '1e9', '0x1'])
      expect((await ask(withLimit(good, { limit }))).statusCode, limit).toBe(422);
  });

  it('is known by its name: what has items and a cursor is called list…', () => {
    const lists = Object.entries(paths).flatMap(([path, { get }]) =>
      get && takes(path, 'get', 'query', 'cursor') ? [get.operationId] : [],
    );
    expect(lists.length).toBeGreaterThan(5);
    expect(lists.filter((name) => !name.startsWith('list'))).toEqual([]);
  });
});

/** What is made up anew for an answer, and holds only with the record that these planes do not keep. */
const withoutSecret = (answer: unknown) =>
  z
    .looseObject({})
    .transform(({ secret: _, ...rest }) => rest)
    .parse(answer);

describe('whatever changes something', () => {
  it.each(posted)('%s is done once by a key, and by the key nothing else', async (path, { good, body = {} }) => {
    if (!takes(path, 'post', 'header', 'idempotency-key')) return;
    const key = { 'idempotency-key': `twice ${good}` };
    const [first, second] = [await post(good, body, key), await post(good, body, key)];
    expect(second.statusCode).toBe(first.statusCode);
    if (first.statusCode === 200) expect(withoutSecret(second.json())).toEqual(withoutSecret(first.json()));
    const other = await post(good, { ...body, why: 'something else' }, key);
    expect([other.statusCode, ProblemDetails.parse(other.json()).code]).toEqual([422, 'key-reused']);
  });

  it.each(posted)('%s is not done to what has changed since it was looked at', async (path, { good, body = {} }) => {
    if (!takes(path, 'post', 'header', 'if-match')) return;
    const outdated = await post(good, body, { 'if-match': '"of-another-day"' });
    expect([outdated.statusCode, ProblemDetails.parse(outdated.json()).code]).toEqual([412, 'version-outdated']);
    const thing = good.replace(/\/[^/]+$/, '');
    const { statusCode, headers } = await ask(thing);
    if (statusCode !== 200) return;
    const current = await post(good, body, { 'if-match': String(headers.etag) });
    expect(current.statusCode, current.body).not.toBe(412);
  });

  it.each(posted)('%s takes JSON only, and no more of it than it says', async (_, { good }) => {
    const form = { ...known, 'content-type': 'application/x-www-form-urlencoded' };
    const other = await api.app.inject({ method: 'POST', url: good, headers: form, payload: 'why=x' });
    expect([other.statusCode, ProblemDetails.parse(other.json()).code]).toEqual([415, 'input-invalid']);
    const odd = await post(good, { why: 'x', definition: '{}', isAdmin: true });
    expect([odd.statusCode, ProblemDetails.parse(odd.json()).code]).toEqual([422, 'input-invalid']);
    const huge = await post(good, { why: 'x'.repeat(9_000_000) });
    expect(huge.statusCode).toBe(413);
  });
});

describe('every answer', () => {
  it.each(all)('of %s says how the asker stands, and what it was called by him', async (_, { good, body }) => {
    const named = { 'x-request-id': 'night-shift:42' };
    const answer = await (body === undefined ? ask(good, named) : post(good, body, named));
    expect(answer.headers).toMatchObject({
      'x-request-id': 'night-shift:42',
      'ratelimit-policy': '"local";q=120000;w=60',
      ratelimit: expect.stringMatching(/^"local";r=\d+;t=\d+$/),
      'papilio-request-id': expect.stringMatching(/^[\da-f-]{36}$/),
      'x-content-type-options': 'nosniff',
    });
    const odd = await ask('/v1/version', { 'x-request-id': 'a b\tc' });
    expect(odd.headers['x-request-id']).toBeUndefined();
  });

  it.each(all)('of %s to a method that it does not take says which it takes', async (path, { good, body }) => {
    const [url] = good.split('?');
    const answer = await api.app.inject({ method: 'DELETE', url: url ?? '', headers: known });
    if (paths[path]?.delete) return;
    expect([answer.statusCode, ProblemDetails.parse(answer.json()).code]).toEqual([405, 'method-not-allowed']);
    expect(String(answer.headers.allow)).toContain(body === undefined ? 'GET' : 'POST');
  });
});
