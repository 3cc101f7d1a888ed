import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeId } from '#lib/model/ids';
import { outputs } from '#lib/records';
import { BundlePage, BundleView } from '#schema/bundle';
import type { Output } from '#schema/output';
import { ErrorPage, ProblemDetails } from '#schema/problem';
import { OutputPage, ProvenanceView } from '#schema/provenance';
import { Readiness } from '#schema/status';
import { errorCatalogue } from '../../../functions/lib/error-rows.ts';
import { tellWork, underWay } from '../../builders/a-work-story.ts';
import { anApi, type TestApi } from '../../builders/an-api.ts';
import { idsOf, processStf } from '../../builders/an-stf-story.ts';

const story = { run: 102363, sequence: 1, receivedMs: 1_000 };
const ids = idsOf(story);

let api: TestApi;
beforeEach(async () => {
  api = await anApi();
  await tellWork(api.planes.work);
  await processStf(api.planes.work, story);
  await api.caughtUp();
});
afterEach(() => api[Symbol.asyncDispose]());

const get = (url: string) => api.app.inject({ url, headers: { host: '127.0.0.1:8714' } });

describe('a bundle', () => {
  it('that is handed over is listed with its facility, and no token of a state machine is shown', async () => {
    const answer = await get('/v1/bundles?facility=local');
    expect(BundlePage.parse(answer.json()).items).toEqual([
      {
        id: underWay.bundle,
        facility: 'local',
        queue: 'default',
        attemptIds: ['prod_attempt_bnl-1-00102363-00000009-p1-a1'],
        jobIds: ['prod_job_bnl-1-00102363-00000009-p1'],
        isOpen: true,
      },
    ]);
    expect(answer.body).not.toContain('the-token-of-a-task');
    expect(BundlePage.parse((await get('/v1/bundles?facility=far')).json()).items).toEqual([]);
  });

  it('that was answered is told by its attempts', async () => {
    const id = ids.attemptId.replace('_attempt_', '_bundle_');
    expect(BundleView.parse((await get(`/v1/bundles/${id}`)).json())).toMatchObject({
      id,
      attemptIds: [ids.attemptId],
      jobIds: [ids.jobId],
      isOpen: false,
    });
  });
});

describe('a placement', () => {
  it('that is waited for says what the broker last said, and shows no token', async () => {
    const answer = await get('/v1/placements');
    expect(answer.json()).toMatchObject({
      items: [
        { jobId: underWay.waiting, explain: { chosen: 'none', considered: [{ reason: 'all 2 slots are taken' }] } },
      ],
    });
    expect(answer.body).not.toContain('the-token-of-a-place');
  });

  it('that was decided is found by its attempt', async () => {
    expect((await get(`/v1/placements/${ids.attemptId}`)).json()).toMatchObject({ jobId: ids.jobId, attempt: 1 });
  });
});

describe('provenance', () => {
  const merged = async (inputs: Output['provenance']['inputs'], inputCount: number): Promise<string> => {
    const { doc } = await outputs.need(api.planes.work.store, ids.outputId);
    const id = makeId('prod', 'output', '00102363-p1-merged');
    const { stfId: _, ...rest } = { ...doc, id, name: `${id}.json` };
    const merge = { ...rest, provenance: { ...doc.provenance, inputs, inputCount } };
    await api.planes.work.store.transact({ writes: [outputs.put(id, merge, 0)], events: [] });
    return id;
  };
  const viewOf = async (id: string) => ProvenanceView.parse((await get(`/v1/provenance/${id}`)).json());

  it('leads from an STF to its outputs, and from an output to what it was made of, how and where', async () => {
    expect((await viewOf('swf.102363.000001.stf')).into).toMatchObject([{ id: ids.outputId }]);
    expect(await viewOf(ids.outputId)).toMatchObject({
      noun: 'output',
      from: [{ id: ids.stfId }],
      by: { jobId: ids.jobId, attemptId: ids.attemptId },
      into: [],
    });
  });

  it('leads on to the merge of the run, also one of more inputs than it lists', async () => {
    const id = await merged([{ id: ids.outputId, name: 'a.json' }], 1);
    expect((await viewOf(ids.outputId)).into).toMatchObject([{ id }]);
    expect(await viewOf(id)).toMatchObject({ from: [{ id: ids.outputId }], fromCount: 1, into: [] });
  });

  it('does not lead to a merge that did not read it', async () => {
    await merged([{ id: 'prod_output_other', name: 'b.json' }], 1);
    expect((await viewOf(ids.outputId)).into).toEqual([]);
  });

  it('is listed by run as outputs, each with its ETag', async () => {
    const [only] = OutputPage.parse((await get('/v1/outputs?run=102363')).json()).items;
    expect(only?.id).toBe(ids.outputId);
    const one = await get(`/v1/outputs/${ids.outputId}`);
    expect(one.json()).toEqual(only);
    expect(one.headers.etag).toBe('"v1"');
  });
});

describe('the catalogue of errors', () => {
  it('is listed page by page, each code once, in order', async () => {
    const codes: string[] = [];
    let cursor: string | undefined;
    do {
      const page = ErrorPage.parse((await get(`/v1/errors?limit=7${cursor ? `&cursor=${cursor}` : ''}`)).json());
      codes.push(...page.items.map(({ code }) => code));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(codes).toEqual(Object.keys(errorCatalogue).sort());
  });

  it('is filtered by kind', async () => {
    const { items } = ErrorPage.parse((await get('/v1/errors?kind=Transient&limit=500')).json());
    expect(items.every(({ kind, retryable }) => kind === 'Transient' && retryable)).toBe(true);
    expect(items.map(({ code }) => code)).toContain('store-full');
  });
});

describe('whether the front is ready', () => {
  it('is yes while both stores are readable and both planes are followed', async () => {
    expect(Readiness.parse((await get('/v1/ready')).json()).checks.map(({ name }) => name)).toEqual([
      'archive store',
      'work store',
      'archive plane',
      'work plane',
      'counts',
    ]);
  });

  it('is no while a plane is away, and says which', async () => {
    api.reports.work = undefined;
    while (api.feed.news('work').isFollowed) await api.clock.advance(20_000);
    const answer = await get('/v1/ready');
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBeDefined();
    const { code, detail } = ProblemDetails.parse(answer.json());
    expect(code).toBe('not-ready');
    expect(detail).toContain('work plane');
    expect(detail).not.toContain('archive');
    // It is alive all the same.
    expect((await get('/v1/health')).statusCode).toBe(200);
  });

  it('is no while a plane has no records to read', async () => {
    await using bare = await anApi({ withoutRecords: ['archive'] });
    const answer = await bare.app.inject({ url: '/v1/ready', headers: { host: '127.0.0.1:8714' } });
    expect(answer.statusCode).toBe(503);
    expect(ProblemDetails.parse(answer.json()).detail).toContain('archive store');
  });
});
