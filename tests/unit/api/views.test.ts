import { describe, expect, it } from 'vitest';
import { EventPage, StfPage, Trace } from '../../../functions/lib/schema/view.ts';
import { anApi, type TestApi } from '../../builders/an-api.ts';
import { anEvent } from '../../builders/an-event.ts';
import { archiveStf, idsOf, processStf, quarantineStf } from '../../builders/an-stf-story.ts';

const aStory = (sequence: number) => ({ run: 102363, sequence, receivedMs: sequence * 1000 });
const get = (api: TestApi, url: string) => api.app.inject({ url, headers: { host: '127.0.0.1:1' } });

/** Names of all STFs, page by page. */
const namesOf = async (api: TestApi, query: string): Promise<string[]> => {
  const names: string[] = [];
  let cursor = '';
  do {
    const page = StfPage.parse((await get(api, `/v1/stfs?run=102363&${query}${cursor}`)).json());
    names.push(...page.items.map(({ sequence }) => String(sequence)));
    cursor = page.next === undefined ? '' : `&cursor=${page.next}`;
  } while (cursor !== '');
  return names;
};

describe('STFs of both planes', () => {
  it('are one list, each once, those included that one plane does not know, in pages of any size', async () => {
    await using api = await anApi();
    for (const sequence of [1, 2, 4]) await archiveStf(api.planes.archive, aStory(sequence));
    for (const sequence of [2, 3, 5]) await processStf(api.planes.work, aStory(sequence));
    for (const limit of [1, 2, 3, 5, 100]) {
      expect(await namesOf(api, `limit=${limit}`)).toEqual(['1', '2', '3', '4', '5']);
      expect(await namesOf(api, `limit=${limit}&sort=-sequence`)).toEqual(['5', '4', '3', '2', '1']);
    }
  });

  it('tell what each plane knows', async () => {
    await using api = await anApi();
    await archiveStf(api.planes.archive, aStory(1));
    await archiveStf(api.planes.archive, aStory(2));
    await processStf(api.planes.work, aStory(2));
    const { items } = StfPage.parse((await get(api, '/v1/stfs?run=102363')).json());
    expect(items.map(({ isArchived, processing }) => ({ isArchived, processing }))).toEqual([
      { isArchived: true, processing: 'unknown' },
      { isArchived: true, processing: 'processed' },
    ]);
    expect(StfPage.parse((await get(api, '/v1/stfs?run=102363&processing=processed')).json()).items).toHaveLength(1);
  });

  it('are shown while the work plane has no records to read', async () => {
    await using api = await anApi({ withoutRecords: ['work'] });
    await archiveStf(api.planes.archive, aStory(1));
    expect((await get(api, '/v1/stfs/swf.102363.000001.stf')).statusCode).toBe(200);
    const runs = await get(api, '/v1/runs');
    expect(runs.statusCode).toBe(503);
    expect(runs.headers['retry-after']).toBeDefined();
  });
});

describe('a trace', () => {
  it('joins both planes: message, replica, job, explain record, output and events in order of time', async () => {
    await using api = await anApi();
    for (const sequence of [1, 2, 3]) {
      await archiveStf(api.planes.archive, aStory(sequence));
      await processStf(api.planes.work, aStory(sequence));
    }
    await quarantineStf(api.planes.archive, 'archive', aStory(2));
    const trace = Trace.parse((await get(api, '/v1/stfs/swf.102363.000002.stf/trace')).json());
    const { messageId, jobId, outputId, quarantineId } = idsOf(aStory(2));
    expect(trace.stf).toMatchObject({ isArchived: true, processing: 'processed' });
    expect(trace.messages.map(({ id }) => id)).toEqual([messageId]);
    expect(trace.job).toMatchObject({ id: jobId, explains: [{ chosen: 'local/default' }] });
    expect(trace.output).toMatchObject({ id: outputId, provenance: { facility: 'local' } });
    expect(trace.quarantine).toEqual([expect.objectContaining({ id: quarantineId, plane: 'archive', state: 'held' })]);
    expect(trace.events.map(({ type }) => type)).toEqual([
      'message.received',
      'stf.catalogued',
      'job.created',
      'job.assigned',
      'job.submitted',
      'stf.archived',
      'message.quarantined',
      'job.settled',
      'output.registered',
      'stf.processed',
    ]);
    expect(trace.isComplete).toBe(true);
  });

  it('finds events in a log that is much longer than the story', async () => {
    await using api = await anApi();
    for (let sequence = 1; sequence <= 150; sequence += 1) {
      await archiveStf(api.planes.archive, { ...aStory(sequence), receivedMs: sequence * 20_000 });
      await processStf(api.planes.work, { ...aStory(sequence), receivedMs: sequence * 20_000 });
    }
    const trace = Trace.parse((await get(api, '/v1/stfs/swf.102363.000149.stf/trace')).json());
    expect(trace.events).toHaveLength(9);
  });
});

/** Events of other things, 10 ms apart, between the stories of a test. */
const fillLog = async (api: TestApi, events: number, fromMs: number): Promise<void> => {
  for (let first = 0; first < events; first += 1000) {
    const page = Array.from({ length: Math.min(1000, events - first) }, (_, at) =>
      anEvent({
        subject: `prod_job_other-${first + at}`,
        source: '/prod/bnl/work',
        time: new Date(Date.UTC(2026, 0, 1, 12) + fromMs + (first + at) * 10).toISOString(),
      }),
    );
    await api.planes.work.store.transact({ writes: [], events: page });
  }
};

describe('in a log of 25,000 other events', () => {
  it('a trace has the whole life of an STF that waited, and its events are one request', async () => {
    await using api = await anApi();
    await archiveStf(api.planes.archive, aStory(1));
    await quarantineStf(api.planes.work, 'work', aStory(1));
    await fillLog(api, 25_000, 1000);
    await processStf(api.planes.work, { ...aStory(1), receivedMs: 300_000 });
    const trace = Trace.parse((await get(api, '/v1/stfs/swf.102363.000001.stf/trace')).json());
    expect(trace.isComplete).toBe(true);
    expect(trace.events.map(({ type }) => type)).toEqual([
      ...['message.received', 'stf.archived', 'message.quarantined', 'stf.catalogued', 'job.created'],
      ...['job.assigned', 'job.submitted', 'job.settled', 'output.registered', 'stf.processed'],
    ]);
    const { jobId } = idsOf(aStory(1));
    const ofJob = EventPage.parse((await get(api, `/v1/events?subject=${jobId}`)).json());
    expect(ofJob.items.map(({ type }) => type)).toEqual([
      ...['job.created', 'job.assigned', 'job.submitted', 'job.settled'],
    ]);
    const [archive, work] = [await api.planes.archive.log.head(), await api.planes.work.log.head()];
    expect(ofJob.next).toBe(`a${archive}-w${work}`);
  });

  it('events since a moment begin there, page by page', async () => {
    await using api = await anApi();
    await fillLog(api, 25_000, 0);
    const since = new Date(Date.UTC(2026, 0, 1, 12) + 249_000).toISOString();
    const ids: string[] = [];
    for (let after = ''; ids.length < 200; ) {
      const page = EventPage.parse((await get(api, `/v1/events?since=${since}&limit=60${after}`)).json());
      if (page.items.length === 0 && after === `&after=${page.next}`) break;
      ids.push(...page.items.map(({ subject }) => subject));
      after = `&after=${page.next}`;
    }
    expect(ids).toEqual(Array.from({ length: 100 }, (_, at) => `prod_job_other-${24_900 + at}`));
    expect((await get(api, '/v1/events?since=yesterday')).statusCode).toBe(422);
  });
});

describe('events', () => {
  it('come once each, in pages of any size, each log in its own order', async () => {
    await using api = await anApi();
    for (const sequence of [1, 2, 3]) {
      await archiveStf(api.planes.archive, aStory(sequence));
      await processStf(api.planes.work, aStory(sequence));
    }
    for (const limit of [1, 3, 7, 100]) {
      const ids: string[] = [];
      let after = 'a0-w0';
      for (;;) {
        const page = EventPage.parse((await get(api, `/v1/events?after=${after}&limit=${limit}`)).json());
        if (page.items.length === 0) break;
        ids.push(...page.items.map(({ source, seq }) => `${source.split('/').at(-1)} ${seq}`));
        after = page.next;
      }
      const [archive, work] = [await api.planes.archive.log.head(), await api.planes.work.log.head()];
      const numbers = (plane: string, head: number) => Array.from({ length: head }, (_, at) => `${plane} ${at + 1}`);
      expect(ids.filter((id) => id.startsWith('archive'))).toEqual(numbers('archive', archive));
      expect(ids.filter((id) => id.startsWith('work'))).toEqual(numbers('work', work));
    }
  });

  it('are filtered by type and by noun, and the position passes what was left out', async () => {
    await using api = await anApi();
    await archiveStf(api.planes.archive, aStory(1));
    await processStf(api.planes.work, aStory(1));
    const types = async (type: string) => EventPage.parse((await get(api, `/v1/events?type=${type}`)).json());
    expect((await types('stf')).items.map(({ type }) => type)).toEqual([
      'stf.catalogued',
      'stf.archived',
      'stf.processed',
    ]);
    expect((await types('stf.archived')).items).toHaveLength(1);
    expect((await types('nothing')).next).toBe('a2-w7');
  });
});

describe('requests under a foreign name', () => {
  it.each(['evil.example', 'evil.example:8714', '127.0.0.1.evil.example', '10.0.0.1:8714'])(
    '%s is refused',
    async (host) => {
      await using api = await anApi();
      const answer = await api.app.inject({ url: '/v1/version', headers: { host } });
      expect(answer.statusCode).toBe(403);
      expect(answer.json().code).toBe('host-refused');
    },
  );

  it.each(['127.0.0.1:8714', 'localhost', 'LOCALHOST:1', '[::1]:8714'])('%s is this machine', async (host) => {
    await using api = await anApi();
    expect((await api.app.inject({ url: '/v1/version', headers: { host } })).statusCode).toBe(200);
  });
});
