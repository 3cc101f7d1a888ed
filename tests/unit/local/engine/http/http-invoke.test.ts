import { describe, expect, test } from 'vitest';
import { aWebServer, type Reply, sayJson } from '../../../../builders/a-web-server.ts';
import { arnOf, callerOf, failing, oauth, task } from '../../../../builders/an-http-task.ts';

describe('an HTTP task', () => {
  test('gives status, headers and the value of a JSON body', async () => {
    const { url } = await aWebServer(sayJson({ a: [1] }, 201));
    const answer = await callerOf().invoke(task(url));
    expect(answer).toMatchObject({
      ok: true,
      output: {
        StatusCode: 201,
        StatusText: 'Created',
        ResponseBody: { a: [1] },
        Headers: { 'Content-Type': ['application/json'] },
      },
    });
  });

  test('gives any other body as its text', async () => {
    const { url } = await aWebServer((_request, response) => response.end('{"a":1}'));
    expect(await callerOf().invoke(task(url))).toMatchObject({ output: { ResponseBody: '{"a":1}' } });
  });

  test('sends what it says, and what AWS adds to it', async () => {
    const { url, seen } = await aWebServer();
    const more = {
      Method: 'POST',
      Headers: { 'X-One': 'a', 'X-Two': ['b', 'c'] },
      QueryParameters: { q: 'ü &', many: [1, true], none: null },
      RequestBody: { job: 1 },
    };
    await callerOf().invoke(task(`${url}/path?kept=1`, more));
    expect(seen[0]).toMatchObject({
      method: 'POST',
      path: '/path?kept=1&q=%C3%BC%20%26&many=1&many=true',
      body: '{"job":1}',
      headers: {
        'x-one': 'a',
        'x-two': 'b, c',
        'x-key': 'key-that-is-secret',
        'content-type': 'application/json; charset=UTF-8',
        'user-agent': 'Amazon|StepFunctions|HttpInvoke|us-east-1',
        range: 'bytes=0-262144',
      },
    });
  });

  test.each([
    ['a=1&b=2', '/?a=1&b=2'],
    [['a=1', 'b=2'], '/?a=1&b=2'],
  ])('takes query parameters as %j', async (QueryParameters, path) => {
    const { url, seen } = await aWebServer();
    await callerOf().invoke(task(url, { QueryParameters }));
    expect(seen[0]?.path).toBe(path);
  });

  test('sends the context of its trace, if it has one', async () => {
    const { url, seen } = await aWebServer();
    const context = '00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01';
    for (const traceparent of [context, undefined]) await callerOf().invoke(task(url), traceparent);
    expect(seen.map(({ headers }) => headers.traceparent)).toEqual([context, undefined]);
  });

  test('lets its connection win where both say the same', async () => {
    const { url, seen } = await aWebServer();
    const more = {
      Method: 'PUT',
      Headers: { 'X-Mode': 'task', 'Content-Type': 'application/vnd.epic+json' },
      QueryParameters: { q: 'task', own: 'task' },
      RequestBody: { k: 'task', own: 'task' },
    };
    await callerOf().invoke(task(url, more, 'merging'));
    expect(seen[0]?.path).toBe('/?q=connection&own=task');
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ k: 'connection', own: 'task' });
    expect(seen[0]?.headers).toMatchObject({ 'x-mode': 'connection', 'content-type': 'application/vnd.epic+json' });
  });

  test('cannot merge a text with body parameters', async () => {
    const answer = await callerOf().invoke(
      task('https://a.example', { Method: 'POST', RequestBody: 'text' }, 'merging'),
    );
    expect(answer).toMatchObject({ ok: false, error: 'States.Runtime' });
  });

  test.each([
    ['INDICES', 'array%5B0%5D=a&array%5B1%5D=b&meta%5Bk%5D=v%20w'],
    ['REPEAT', 'array=a&array=b&meta%5Bk%5D=v%20w'],
    ['COMMAS', 'array=a,b&meta%5Bk%5D=v%20w'],
    ['BRACKETS', 'array%5B%5D=a&array%5B%5D=b&meta%5Bk%5D=v%20w'],
  ])('writes a form with %s', async (ArrayFormat, body) => {
    const { url, seen } = await aWebServer();
    const Transform = { RequestBodyEncoding: 'URL_ENCODED', RequestEncodingOptions: { ArrayFormat } };
    const RequestBody = { array: ['a', 'b'], meta: { k: 'v w' } };
    await callerOf().invoke(task(url, { Method: 'POST', Transform, RequestBody }));
    expect(seen[0]).toMatchObject({ body, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  });

  test('has the name of the status as its error, and the body as its cause', async () => {
    const { url } = await aWebServer(sayJson('slow down', 429));
    const answer = await callerOf().invoke(task(url));
    expect(answer).toEqual({ ok: false, error: 'States.Http.StatusCode.429', cause: '"slow down"' });
  });

  test.each(['image/png', 'application/octet-stream', 'audio/x', 'video/y'])('cannot take %s', async (type) => {
    const { url } = await aWebServer((_request, response) => response.setHeader('content-type', type).end('x'));
    expect(failing(await callerOf().invoke(task(url)))).toBe('States.Runtime');
  });

  test('cannot take what is no text', async () => {
    const { url } = await aWebServer((_request, response) => response.end(Buffer.from([0xff, 0xfe])));
    expect(failing(await callerOf().invoke(task(url)))).toBe('States.Runtime');
  });

  test('cannot take more than a state may have', async () => {
    const { url } = await aWebServer((_request, response) => response.end('x'.repeat(262_145)));
    expect(failing(await callerOf().invoke(task(url)))).toBe('States.DataLimitExceeded');
  });

  test('that gets no answer in 60 seconds has a socket error', async () => {
    const { url, seen } = await aWebServer(() => undefined);
    const { clock, invoke } = callerOf();
    const answer = invoke(task(url));
    await expect.poll(() => seen.length).toBe(1);
    await clock.advance(60_000);
    expect(failing(await answer)).toBe('States.Http.Socket');
  });

  test('whose server is away has a socket error', async () => {
    expect(failing(await callerOf().invoke(task('http://127.0.0.1:1')))).toBe('States.Http.Socket');
  });

  test.each([
    ['Authorization', 'x'],
    ['x-amz-date', 'x'],
    ['X-Amzn-Trace', 'x'],
    ['X-Forwarded-For', 'x'],
    ['HOST', 'x'],
    ['bad name', 'x'],
    ['x-line', 'a\r\nb'],
  ])('cannot set the header %s', async (name, value) => {
    const answer = await callerOf().invoke(task('http://127.0.0.1:1', { Headers: { [name]: value } }));
    expect(failing(answer)).toBe('States.Runtime');
  });

  test.each([
    ['no method', { Method: 'TRACE' }],
    ['no URL', { ApiEndpoint: 'a.example' }],
    ['another scheme', { ApiEndpoint: 'file:///etc/passwd' }],
    ['a password in its URL', { ApiEndpoint: 'https://u:p@a.example' }],
    ['a field that there is not', { Body: 1 }],
    ['no connection', { InvocationConfig: null }],
    ['another ARN', { InvocationConfig: { ConnectionArn: 'arn:aws:s3:::a' } }],
    ['another encoding', { Transform: { RequestBodyEncoding: 'XML' } }],
  ])('with %s is refused', async (_what, more) => {
    expect(failing(await callerOf().invoke(task('https://a.example', more)))).toBe('States.Runtime');
  });

  test('takes Authentication for InvocationConfig', async () => {
    const { url } = await aWebServer();
    const { InvocationConfig: Authentication = null, ...rest } = task(url);
    expect(await callerOf().invoke({ ...rest, Authentication })).toMatchObject({ ok: true });
  });

  test('to a private address says by which option it is opened', async () => {
    expect(await callerOf({}, []).invoke(task('https://127.0.0.1:1'))).toMatchObject({
      error: 'States.Permissions',
      cause: expect.stringContaining('--allow-private-http'),
    });
  });

  test('of a connection that nobody knows says which', async () => {
    expect(await callerOf().invoke(task('https://a.example', {}, 'nobody'))).toMatchObject({
      error: 'Events.ConnectionResource.ResourceNotFound',
      cause: expect.stringContaining(arnOf('nobody')),
    });
  });
});

describe('the authority of a connection', () => {
  test('is a password by BASIC', async () => {
    const { url, seen } = await aWebServer();
    await callerOf().invoke(task(url, {}, 'basic'));
    expect(seen[0]?.headers.authorization).toBe(`Basic ${btoa('ada:password-of-ada')}`);
  });

  test('never comes back in an answer', async () => {
    const echo: Reply = ({ headers }, response) => {
      response.setHeader('x-echo', String(headers['x-key'] ?? headers.authorization));
      sayJson(headers)({ method: '', path: '', headers, body: '' }, response);
    };
    const { url } = await aWebServer(echo);
    for (const name of ['key', 'basic']) {
      const text = JSON.stringify(await callerOf().invoke(task(url, {}, name)));
      expect(text).toContain('********');
      expect(text).not.toMatch(/key-that-is-secret|password-of-ada|YWRhOnBhc3N3b3JkLW9mLWFkYQ/);
    }
  });

  const tokenServer = (lifeS?: number) => {
    let given = 0;
    let accepted = '';
    const reply: Reply = ({ path, headers }, response) => {
      if (path === '/token') {
        accepted = `token-number-${++given}`;
        sayJson({ access_token: accepted, expires_in: lifeS })({ method: '', path, headers, body: '' }, response);
      } else {
        response.writeHead(headers.authorization === `Bearer ${accepted}` ? 200 : 401).end();
      }
    };
    return { reply, withdraw: () => (accepted = ''), given: () => given };
  };

  test('is a token by OAuth, asked for once while it lasts', async () => {
    const tokens = tokenServer(3600);
    const { url, seen } = await aWebServer(tokens.reply);
    const { invoke, clock } = callerOf({ oauth: oauth(url) });
    await Promise.all([invoke(task(url, {}, 'oauth')), invoke(task(url, {}, 'oauth'))]);
    expect(await invoke(task(url, {}, 'oauth'))).toMatchObject({ ok: true });
    expect(tokens.given()).toBe(1);
    expect(seen[0]).toMatchObject({
      body: 'grant_type=client_credentials&scope=read',
      headers: { authorization: `Basic ${btoa('me:secret-of-mine')}` },
    });
    await clock.advance(3_541_000);
    expect(await invoke(task(url, {}, 'oauth'))).toMatchObject({ ok: true });
    expect(tokens.given()).toBe(2);
  });

  test('is asked for again when a token is not accepted any more', async () => {
    const tokens = tokenServer();
    const { url } = await aWebServer(tokens.reply);
    const { invoke } = callerOf({ oauth: oauth(url) });
    await invoke(task(url, {}, 'oauth'));
    tokens.withdraw();
    expect(await invoke(task(url, {}, 'oauth'))).toMatchObject({ ok: true });
    expect(tokens.given()).toBe(2);
  });

  test('that is not given is an error of the connection, without its secret', async () => {
    const { url } = await aWebServer(sayJson({ error: 'secret-of-mine' }, 400));
    const answer = await callerOf({ oauth: oauth(url) }).invoke(task(url, {}, 'oauth'));
    expect(failing(answer)).toBe('Events.ConnectionResource.InvalidConnectionState');
    expect(JSON.stringify(answer)).not.toContain('secret-of-mine');
  });
});
