import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AuditLine, AuditPage } from '#schema/audit';
import { PapilioError } from '../../functions/lib/errors.ts';
import { machineOf } from '../builders/a-states-part.ts';
import { type ApiWithPeople, administrator, anApiWithPeople, aPerson } from '../builders/an-api-with-people.ts';

let api: ApiWithPeople;
let anna: string;
let victor: string;
beforeEach(async () => {
  api = await anApiWithPeople();
  anna = api.know(aPerson({ roles: ['operator'], name: 'Anna' }));
  victor = api.know(aPerson({ id: 'victor@issuer.example', roles: ['viewer'] }));
});
afterEach(() => api[Symbol.asyncDispose]());

const why = 'the magnet quenched';
const act = (token: string | undefined, url = '/v1/processing/suspend', more: object = {}) =>
  api.ask(token, {
    method: 'POST',
    url,
    payload: { why, ...more },
    headers: { 'user-agent': 'papilio-cli/1.2' },
  });
const page = async (query = '') => {
  const answer = await api.ask(anna, { url: `/v1/audit${query}` });
  expect(answer.statusCode, answer.body).toBe(200);
  return AuditPage.parse(answer.json());
};
const lines = async (query = ''): Promise<AuditLine[]> => (await page(query)).items;
/** What the front has told the work plane about who asks. */
const letters = () => api.noted.filter(({ queue }) => queue === 'record-access');
/** Lets the front tell what it has gathered. */
const told = () => api.clock.advance(2_000);

describe('the audit log', () => {
  it('says who did what, why, what was before and after, and from where', async () => {
    const made = await act(anna, '/v1/tokens', { name: 'a dashboard', roles: ['operator'] });
    const { id, command } = made.json();
    await api.clock.advance(1_000);
    await act(anna, `/v1/tokens/${id}/revoke`);
    const [revoked, created] = await lines();
    expect(revoked).toEqual({
      id: expect.stringMatching(/^prod_command_/),
      at: '2026-01-01T00:00:01.000Z',
      ...{ by: 'anna@issuer.example', action: 'token.revoke', subject: id, why, outcome: 'done', count: 1 },
      before: {},
      after: { 'token.revokedAt': '2026-01-01T00:00:01.000Z', 'token.revokedBy': 'anna@issuer.example' },
      from: {
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        ...{ address: '127.0.0.1', client: 'papilio-cli/1.2' },
        principal: { kind: 'oidc', id: 'anna@issuer.example', name: 'Anna', issuer: 'https://issuer.example' },
      },
      plane: 'work',
    });
    expect(created).toMatchObject({ id: command, action: 'token.create', before: {} });
    expect(created?.after).toMatchObject({ 'token.name': 'a dashboard', 'token.roles': ['operator'] });
  });

  it('holds no secret and no hash of one', async () => {
    const { secret } = (await act(anna, '/v1/tokens', { name: 'a dashboard', roles: ['operator'] })).json();
    const text = JSON.stringify(await lines());
    expect(text).toContain('a dashboard');
    expect(text).not.toMatch(/hashSha256|[0-9a-f]{64}/);
    expect(text).not.toContain(secret);
  });

  it('says which machine it was, and whose', async () => {
    const { id, secret } = (await act(anna, '/v1/tokens', { name: 'a robot', roles: ['operator'] })).json();
    await act(secret);
    const [line] = await lines('?action=processing.suspend');
    expect(line).toMatchObject({ by: id, from: { principal: { kind: 'machine', name: 'a robot', tokenId: id } } });
  });

  it('takes the administrator’s word for whom it is, and says that it was the administrator', async () => {
    await api.ask(administrator, {
      method: 'POST',
      url: '/v1/processing/suspend',
      payload: { why },
      headers: { 'papilio-user': 'carol' },
    });
    expect(await lines()).toMatchObject([{ by: 'carol', from: { principal: { kind: 'local-admin', id: 'admin' } } }]);
  });

  it('takes nobody else’s word for whom they are', async () => {
    await api.ask(anna, {
      method: 'POST',
      url: '/v1/processing/suspend',
      payload: { why },
      headers: { 'papilio-user': 'carol' },
    });
    expect(await lines()).toMatchObject([{ by: 'anna@issuer.example' }]);
  });

  it('names refused acts with the reason, whoever tried', async () => {
    await act(victor);
    await act(undefined);
    await act('a.forged.token');
    await told();
    const refused = await lines('?outcome=denied');
    expect(refused.map(({ by, action, problem, plane }) => [by, action, problem?.code, plane])).toEqual(
      expect.arrayContaining([
        ['victor@issuer.example', 'processing.suspend', 'role-missing', 'front'],
        ['anonymous', 'processing.suspend', 'token-missing', 'front'],
        ['anonymous', 'processing.suspend', 'token-refused', 'front'],
      ]),
    );
    expect(refused).toHaveLength(3);
  });

  it('makes one line of the same act that is refused again and again', async () => {
    for (let times = 0; times < 50; times++) await act(victor);
    await told();
    expect(await lines()).toMatchObject([{ by: 'victor@issuer.example', count: 50 }]);
    expect(letters()).toHaveLength(1);
  });

  it('is not filled by who asks for a thousand things: what is too much is counted', async () => {
    const names = Array.from({ length: 230 }, (_, nth) => `prod_token_${nth.toString(16).padStart(16, '0')}`);
    for (const name of names) await act(victor, `/v1/tokens/${name}/revoke`);
    await told();
    const found = (await page('?limit=500')).items;
    expect(found).toHaveLength(201);
    expect(found.reduce((sum, { count }) => sum + count, 0)).toBe(230);
    expect(found.find(({ action }) => action === 'audit.gather')).toMatchObject({ by: 'papilio', count: 30 });
  });

  it('counts who is not known once for all things that they tried', async () => {
    for (const name of ['a', 'b', 'c']) await act(undefined, `/v1/tokens/prod_token_${name}/revoke`);
    await told();
    expect(await lines()).toMatchObject([{ by: 'anonymous', action: 'token.revoke', count: 3 }]);
  });

  it('loses no refused act while the work plane is away, nor when the front stops', async () => {
    const report = api.reports.work;
    api.reports.work = undefined;
    await act(victor);
    await told();
    expect(letters()).toEqual([]);
    api.reports.work = report;
    await act(victor);
    await told();
    expect(await lines()).toMatchObject([{ count: 2 }]);
    await act(victor, '/v1/processing/resume');
    await api.app.close();
    expect(letters()).toHaveLength(2);
  });

  it('has no line of what was only read, refused or not', async () => {
    await api.ask(victor, { url: '/v1/runs' });
    expect((await api.ask(victor, { url: '/v1/audit' })).statusCode).toBe(403);
    expect((await api.ask(undefined, { url: '/v1/runs' })).statusCode).toBe(401);
    await told();
    expect(await lines()).toEqual([]);
  });

  it('has the acts that go to an engine too, done and not', async () => {
    const machine = await api.engines.work.create(
      machineOf({ Do: { Type: 'Wait', Seconds: 60, End: true } }),
      'process-stf',
    );
    await api.engines.work.start(machine, {}, 'prod_exec_one');
    expect((await act(anna, '/v1/executions/prod_exec_one/redrive')).statusCode).toBe(409);
    await told();
    expect((await act(anna, '/v1/executions/prod_exec_one/stop')).statusCode).toBe(200);
    await told();
    const [stopped, redriven] = await lines();
    expect(stopped).toMatchObject({
      ...{ action: 'execution.stop', subject: 'process-stf:prod_exec_one', why, outcome: 'done', plane: 'front' },
      ...{ before: { 'execution.status': 'RUNNING' }, after: { 'execution.status': 'ABORTED' } },
    });
    expect(redriven).toMatchObject({
      ...{ action: 'execution.redrive', outcome: 'refused', problem: { code: 'execution-not-redrivable' } },
    });
  });

  it('says of an act on an engine that is away in its midst that it was begun', async () => {
    const held: { isAway: boolean } = { isAway: false };
    const engine = async (operation: string, input: object) => {
      if (held.isAway && operation === 'StopExecution')
        throw new PapilioError('plane-unavailable', 'gone in the midst');
      return api.engines.work.ask(operation, input);
    };
    await using away = await anApiWithPeople({ engines: { archive: engine, work: engine } });
    const machine = await api.engines.work.create(
      machineOf({ Do: { Type: 'Wait', Seconds: 60, End: true } }),
      'process-stf',
    );
    await api.engines.work.start(machine, {}, 'prod_exec_two');
    held.isAway = true;
    const stop = () =>
      away.ask(administrator, { method: 'POST', url: '/v1/executions/prod_exec_two/stop', payload: { why } });
    const audit = async () =>
      AuditPage.parse((await away.ask(administrator, { url: '/v1/audit' })).json()).items.map(({ outcome }) => outcome);
    expect((await stop()).statusCode).toBe(503);
    expect(await audit()).toEqual(['begun']);
    held.isAway = false;
    expect((await stop()).statusCode).toBe(200);
    expect((await audit()).toSorted()).toEqual(['begun', 'done']);
  });

  it('has how an act on an engine ended, whoever floods it with refusals beside it', async () => {
    const machine = await api.engines.work.create(
      machineOf({ Do: { Type: 'Wait', Seconds: 60, End: true } }),
      'process-stf',
    );
    await api.engines.work.start(machine, {}, 'prod_exec_three');
    for (let nth = 0; nth < 300; nth++) await act(victor, `/v1/tokens/prod_token_${nth}/revoke`);
    expect((await act(anna, '/v1/executions/prod_exec_three/stop')).statusCode).toBe(200);
    expect(await lines('?action=execution.stop')).toMatchObject([{ outcome: 'done' }]);
  });

  it('of who floods it with refusals writes little: the more lines at once, the longer the next ones wait', async () => {
    const flood = async () => {
      for (let nth = 0; nth < 120; nth++) await act(victor, `/v1/tokens/prod_token_${nth}/revoke`);
    };
    await flood();
    await told();
    expect(letters()).toHaveLength(1);
    await flood();
    await api.clock.advance(33_000);
    expect(letters()).toHaveLength(1);
    await api.clock.advance(3_000);
    expect(letters()).toHaveLength(2);
    expect((await page('?limit=500')).items.reduce((sum, { count }) => sum + count, 0)).toBe(240);
  });
});

describe('a look at the audit log', () => {
  const someActs = async () => {
    for (const url of ['/v1/processing/suspend', '/v1/processing/resume']) {
      for (const who of [anna, administrator]) await act(who, url);
    }
    await act(victor);
    await told();
  };

  it.each<[string, number]>([
    ['', 5],
    ['?by=anna@issuer.example', 2],
    ['?action=processing.resume', 2],
    ['?by=admin&action=processing.resume', 1],
    ['?outcome=done', 3],
    ['?outcome=refused', 1],
    ['?subject=prod_facet_processing', 4],
    ['?since=2026-01-01T00:00:00.001Z', 0],
    ['?until=2026-01-01T00:00:00.000Z', 0],
    ['?since=2026-01-01T00:00:00.000Z&until=2026-01-01T00:00:01.000Z', 5],
  ])('by %j finds %i lines', async (query, count) => {
    await someActs();
    expect(await lines(query)).toHaveLength(count);
  });

  it('page by page sees each line once, the latest first, filtered or not', async () => {
    await someActs();
    for (const query of ['?', '?outcome=done&']) {
      const all = await lines(query);
      const seen: AuditLine[] = [];
      let cursor = '';
      do {
        const { items, next } = await page(`${query}limit=1${cursor && `&cursor=${cursor}`}`);
        seen.push(...items);
        cursor = next ?? '';
      } while (cursor !== '');
      expect(seen).toEqual(all);
    }
  });

  it('is for operators and administrators', async () => {
    expect((await api.ask(administrator, { url: '/v1/audit' })).statusCode).toBe(200);
    expect((await api.ask(undefined, { url: '/v1/audit' })).statusCode).toBe(401);
  });
});
