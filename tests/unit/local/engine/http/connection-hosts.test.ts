import { describe, expect, test } from 'vitest';
import { Connection, connectionsOf } from '../../../../../local/engine/http/connections.ts';
import { createReach } from '../../../../../local/engine/http/reach.ts';
import { Refused } from '../../../../../local/engine/http/send-request.ts';
import { createWebSender } from '../../../../../local/events/web-sender.ts';
import { aWebServer, sayJson } from '../../../../builders/a-web-server.ts';
import { apiKey, arnOf, basic, callerOf, failing, oauth, task } from '../../../../builders/an-http-task.ts';
import { fakeClock } from '../../../../builders/fake-clock.ts';

describe('a connection is bound to its hosts', () => {
  test.each([['key'], ['basic'], ['oauth']])('what it knows goes to no other host: %s', async (name) => {
    const theirs = await aWebServer();
    const tokens = await aWebServer(sayJson({ access_token: 'token-of-ours' }));
    const { host } = new URL(theirs.url);
    const bound = (connection: object) => ({ ...connection, Hosts: ['api.example', '127.0.0.1:1'] });
    const { invoke } = callerOf({ key: bound(apiKey), basic: bound(basic), oauth: bound(oauth(tokens.url)) });
    const answer = await invoke(task(theirs.url, {}, name));
    expect(answer).toMatchObject({ ok: false, error: 'States.Permissions' });
    expect(answer).toMatchObject({ cause: expect.stringContaining(`${arnOf(name)} is for api.example, 127.0.0.1:1`) });
    expect(answer).toMatchObject({ cause: expect.stringContaining(`add "${host}" to its "Hosts"`) });
    expect([theirs.seen, tokens.seen]).toEqual([[], []]);
  });

  test('one of an older file, without hosts, says what it lacks', async () => {
    const { url, seen } = await aWebServer();
    const answer = await callerOf({ key: { ...apiKey, Hosts: [] } }).invoke(task(url));
    const cause = expect.stringMatching(/names no host that it may be used for.*"Hosts" in the file of --connections/);
    expect(answer).toMatchObject({ ok: false, error: 'States.Permissions', cause });
    expect(seen).toEqual([]);
  });

  test('a port is part of it, unless it is the usual one', async () => {
    const Hosts = ['API.example:443', '127.0.0.1:2'];
    const { invoke } = callerOf({ key: { ...apiKey, Hosts } });
    for (const [url, error] of [
      ['http://127.0.0.1:2/v1', 'States.Http.Socket'],
      ['http://127.0.0.1:1/v1', 'States.Permissions'],
      ['https://api.example:8443', 'States.Permissions'],
      ['https://api.example.evil.example', 'States.Permissions'],
    ] as const)
      expect([url, failing(await invoke(task(url)))]).toEqual([url, error]);
  });

  test('a webhook that somebody else has put into the queue of deliveries gets nothing of it', async () => {
    const { url, seen } = await aWebServer();
    const known = { key: Connection.parse({ ...apiKey, Hosts: ['hooks.example'] }) };
    const reach = createReach(['127.0.0.1']);
    const send = createWebSender({ clock: fakeClock(), reach, connections: connectionsOf(known) });
    const place = { kind: 'web', url, method: 'POST', headers: {}, connectionArn: arnOf('key') } as const;
    await expect(send(place, '{}', new AbortController().signal)).rejects.toThrow(Refused);
    expect(seen).toEqual([]);
  });
});
