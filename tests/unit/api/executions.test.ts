import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aDistributedMap } from '../../builders/a-distributed-map.ts';
import { machineOf } from '../../builders/a-states-part.ts';
import { adminToken, anApi, type TestApi } from '../../builders/an-api.ts';
import { aPerson } from '../../builders/an-api-with-people.ts';

const hold = machineOf({ Hold: { Type: 'Wait', Seconds: 10, Next: 'Done' }, Done: { Type: 'Succeed' } });
const bad = machineOf({ Bad: { Type: 'Fail', Error: 'SiteFault', Cause: 'no disk' } });

let api: TestApi;
let archiveStf: string;
let processStf: string;
beforeEach(async () => {
  api = await anApi();
  archiveStf = await api.engines.archive.create(bad, 'archive-stf');
  processStf = await api.engines.work.create(hold, 'process-stf');
});
afterEach(() => api[Symbol.asyncDispose]());

const get = async (path: string) => {
  const answer = await api.app.inject({ url: path, headers: { host: '127.0.0.1:8714' } });
  return { status: answer.statusCode, body: answer.json() };
};
const names = (body: { items: { name: string }[] }): string[] => body.items.map(({ name }) => name);

/** Starts executions of both planes in turn, a second apart: w0, a0, w1, a1 … */
const startMany = async (count: number): Promise<void> => {
  for (let at = 0; at < count; at++) {
    await api.engines.work.start(processStf, { at }, `w${at}`);
    await api.clock.advance(1_000);
    await api.engines.archive.start(archiveStf, { at }, `a${at}`);
    await api.clock.advance(1_000);
  }
};

/** Lets time go by until something is answered. */
const untilAnswered = async (answer: Promise<unknown>): Promise<void> => {
  let isAnswered = false;
  void answer.then(() => {
    isAnswered = true;
  });
  while (!isAnswered) await api.clock.advance(100);
};

describe('executions', () => {
  it('come from the machines of both planes, the latest first', async () => {
    await startMany(2);
    const { body } = await get('/v1/executions');
    expect(names(body)).toEqual(['a1', 'w1', 'a0', 'w0']);
    expect(body.items[0]).toEqual({
      id: 'archive-stf:a1',
      plane: 'archive',
      machine: 'archive-stf',
      name: 'a1',
      status: 'FAILED',
      startedAt: '2026-01-01T00:00:03.000Z',
      stoppedAt: '2026-01-01T00:00:03.000Z',
    });
  });

  it('are paged without gap or repeat', async () => {
    await startMany(4);
    const seen: string[] = [];
    for (let path = '/v1/executions?limit=3'; path !== ''; ) {
      const { body } = await get(path);
      seen.push(...names(body));
      path = body.next === undefined ? '' : `/v1/executions?limit=3&cursor=${body.next}`;
    }
    expect(seen).toEqual(['a3', 'w3', 'a2', 'w2', 'a1', 'w1', 'a0', 'w0']);
  });

  it('are filtered by plane, machine and status', async () => {
    await startMany(1);
    expect(names((await get('/v1/executions?plane=work')).body)).toEqual(['w0']);
    expect(names((await get('/v1/executions?machine=archive-stf')).body)).toEqual(['a0']);
    expect(names((await get('/v1/executions?status=RUNNING')).body)).toEqual(['w0']);
    // Only children of a Map can wait for its redrive.
    expect((await get('/v1/executions?status=PENDING_REDRIVE')).body).toEqual({ items: [] });
    expect(await get('/v1/executions?plane=archive&machine=process-stf')).toMatchObject({ status: 404 });
  });

  it.each(['a0', 'archive-stf:a0', 'arn:aws:states:us-east-1:000000000001:execution:archive-stf:a0'])(
    'are found by what people type: %s',
    async (typed) => {
      await startMany(1);
      expect((await get(`/v1/executions/${typed}`)).body).toMatchObject({
        id: 'archive-stf:a0',
        input: { at: 0 },
        error: 'SiteFault',
        cause: 'no disk',
      });
    },
  );

  it('are found by an id without its instance', async () => {
    await api.engines.work.start(processStf, {}, 'prod_exec_stf-1');
    expect((await get('/v1/executions/exec_stf-1')).body).toMatchObject({ name: 'prod_exec_stf-1' });
  });

  it('of one name on two machines have to be told apart', async () => {
    await api.engines.work.start(processStf, {}, 'same');
    await api.engines.archive.start(archiveStf, {}, 'same');
    const { status, body } = await get('/v1/executions/same');
    expect(status).toBe(422);
    expect(body.detail).toContain('archive-stf:same, process-stf:same');
  });

  it('cannot be told while a plane is away, unless only the other is asked', async () => {
    await startMany(1);
    api.reports.archive = undefined;
    expect(await get('/v1/executions')).toMatchObject({ status: 503, body: { code: 'plane-unavailable' } });
    expect(await get('/v1/executions?plane=work')).toMatchObject({ status: 200 });
  });
});

describe('a history', () => {
  it('goes on after the event that is known, with the details of each event', async () => {
    await startMany(1);
    const { body } = await get('/v1/executions/a0/history?limit=2');
    expect(body).toMatchObject({ after: 2, hasMore: true, status: 'FAILED' });
    expect((await get('/v1/executions/a0/history?after=2')).body).toEqual({
      items: [
        {
          id: 3,
          previousId: 2,
          at: '2026-01-01T00:00:01.000Z',
          type: 'ExecutionFailed',
          details: { error: 'SiteFault', cause: 'no disk' },
        },
      ],
      after: 3,
      hasMore: false,
      status: 'FAILED',
    });
  });

  it('is held back until something happens in the execution', async () => {
    await api.engines.work.start(processStf, {}, 'w');
    const answer = get('/v1/executions/w/history?after=2&waitMs=30000');
    await untilAnswered(answer);
    expect((await answer).body).toMatchObject({ status: 'SUCCEEDED', hasMore: false, after: 6 });
  });

  it('is not held back when the execution has ended, nor longer than asked', async () => {
    await startMany(1);
    expect((await get('/v1/executions/a0/history?after=3&waitMs=30000')).body).toMatchObject({ items: [], after: 3 });
    const answer = get('/v1/executions/w0/history?after=2&waitMs=400');
    await untilAnswered(answer);
    expect((await answer).body).toMatchObject({ items: [], after: 2, status: 'RUNNING' });
  });
});

describe('the children of a distributed Map', () => {
  const startMap = async (items: readonly number[]): Promise<void> => {
    const states = aDistributedMap({ Type: 'Wait', Seconds: 10 }, { MaxConcurrency: 2 });
    await api.engines.work.start(await api.engines.work.create(states, 'prepare-run'), items, 'm');
    await api.engines.work.settle();
  };

  it('are listed by their parent, which counts them, and name it', async () => {
    await startMap([1, 2, 3]);
    const { body } = await get('/v1/executions?parent=prepare-run:m');
    expect(body.items).toHaveLength(2);
    expect(body.items[0]).toMatchObject({ machine: 'prepare-run/each', status: 'RUNNING', itemCount: 1 });
    const child = await get(`/v1/executions/${encodeURIComponent(body.items[0].id)}`);
    expect(child.body).toMatchObject({ id: body.items[0].id, parent: 'prepare-run:m' });
    expect((await get('/v1/executions/prepare-run:m')).body.mapRuns).toMatchObject([
      { status: 'RUNNING', executions: { running: 2, total: 2 }, items: { running: 2, pending: 1, total: 3 } },
    ]);
  });

  it('are none where there is no such Map', async () => {
    await startMany(1);
    expect((await get('/v1/executions?parent=archive-stf:a0')).body).toEqual({ items: [] });
    expect((await get('/v1/executions/archive-stf:a0')).body).not.toHaveProperty('mapRuns');
  });
});

describe('an act on an execution', () => {
  const post = async (path: string, payload: object, headers: object = { authorization: `Bearer ${adminToken}` }) => {
    const host = { host: '127.0.0.1:8714', 'papilio-user': 'anna' };
    const answer = await api.app.inject({ method: 'POST', url: path, headers: { ...host, ...headers }, payload });
    return { status: answer.statusCode, body: answer.json() };
  };

  it('needs the token and a reason', async () => {
    await startMany(1);
    expect(await post('/v1/executions/w0/stop', { why: 'x' }, {})).toMatchObject({ status: 401 });
    expect(await post('/v1/executions/w0/stop', { why: ' ' })).toMatchObject({ status: 422 });
    expect((await get('/v1/executions/w0')).body.status).toBe('RUNNING');
  });

  it('stops one, who and why becoming its cause; one that has ended stays as it is', async () => {
    await startMany(1);
    const stopped = { status: 200, body: { status: 'ABORTED', error: 'papilio.stopped', cause: 'anna: wrong run' } };
    expect(await post('/v1/executions/w0/stop', { why: 'wrong run' })).toMatchObject(stopped);
    expect(await post('/v1/executions/w0/stop', { why: 'again' })).toMatchObject(stopped);
    expect((await post('/v1/executions/a0/stop', { why: 'late' })).body).toMatchObject({ error: 'SiteFault' });
  });

  it('redrives one that failed, once for a key, and refuses one that did not', async () => {
    await startMany(1);
    const key = { authorization: `Bearer ${adminToken}`, 'idempotency-key': 'once' };
    for (const _ of [1, 2]) {
      expect(await post('/v1/executions/a0/redrive', { why: 'the disk is back' }, key)).toMatchObject({
        status: 200,
        body: { status: 'FAILED', redriveCount: 1 },
      });
    }
    const refused = await post('/v1/executions/w0/redrive', { why: 'impatient' });
    expect(refused).toMatchObject({ status: 409, body: { code: 'execution-not-redrivable' } });
  });

  it('refuses a key that stood for something else, and lets nobody meet the key of another', async () => {
    await startMany(1);
    const people = new Map(['anna', 'bob'].map((id) => [`a.b.${id}`, aPerson({ id, roles: ['operator'] })]));
    const verify = async (token: string) => people.get(token) ?? aPerson();
    await using theirs = await anApi({ around: { identity: { verify } } });
    const machine = await theirs.engines.archive.create(bad, 'archive-stf');
    await theirs.engines.archive.start(machine, {}, 'a0');
    const redrive = async (who: string, why: string) => {
      const headers = { host: '127.0.0.1:8714', authorization: `Bearer a.b.${who}`, 'idempotency-key': 'mine' };
      const url = '/v1/executions/a0/redrive';
      return (await theirs.app.inject({ method: 'POST', url, headers, payload: { why } })).json();
    };
    expect(await redrive('anna', 'the disk is back')).toMatchObject({ redriveCount: 1 });
    expect(await redrive('anna', 'again')).toMatchObject({ code: 'key-reused', status: 422 });
    expect(await redrive('bob', 'once more')).toMatchObject({ redriveCount: 2 });
  });

  it('that is repeated by its key does not mind what it has changed itself', async () => {
    await startMany(1);
    const { headers: seen } = await api.app.inject({ url: '/v1/executions/a0', headers: { host: '127.0.0.1:8714' } });
    const headers = { authorization: `Bearer ${adminToken}`, 'if-match': String(seen.etag) };
    const again = { ...headers, 'idempotency-key': 'once' };
    for (const _ of [1, 2])
      expect(await post('/v1/executions/a0/redrive', { why: 'the disk is back' }, again)).toMatchObject({
        status: 200,
      });
    expect(await post('/v1/executions/a0/redrive', { why: 'too' }, headers)).toMatchObject({ status: 412 });
  });
});
