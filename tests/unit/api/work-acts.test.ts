import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { facilities, jobs } from '#lib/records';
import { CommandView } from '#schema/command';
import { ProblemDetails } from '#schema/problem';
import { steerFacility } from '../../../functions/facilities/steer-facility.fn.ts';
import { steerJobs } from '../../../functions/jobs/steer-jobs.fn.ts';
import { aDeps } from '../../builders/a-deps.ts';
import { aJob } from '../../builders/a-job.ts';
import { tellWork, underWay } from '../../builders/a-work-story.ts';
import { adminToken, anApi, type TestApi } from '../../builders/an-api.ts';

const id = 'prod_job_bnl-1-00102363-00000010-p1';
const own = { host: '127.0.0.1:8714', authorization: `Bearer ${adminToken}`, 'papilio-user': 'anna' };

let api: TestApi;
beforeEach(async () => {
  api = await anApi({
    onCommand: async (command, plane) => {
      const deps = aDeps({ plane, store: api.planes[plane].store, environment: { PAPILIO_INSTANCE: 'prod' } });
      const steer = command.action.startsWith('job.') ? steerJobs : steerFacility;
      await steer.run(command, deps);
    },
  });
  await tellWork(api.planes.work);
  const { stfId: _, ...job } = aJob({ id, runId: 'prod_run_00102363' });
  await api.planes.work.store.transact({ writes: [jobs.put(id, job, 0)], events: [] });
});
afterEach(() => api[Symbol.asyncDispose]());

const post = (url: string, headers: Readonly<Record<string, string>> = {}, payload: object = { why: 'a test' }) =>
  api.app.inject({ method: 'POST', url, headers: { ...own, ...headers }, payload });
const etagOf = async (url: string) => String((await api.app.inject({ url, headers: { host: own.host } })).headers.etag);
const codeOf = (answer: { json: () => unknown }) => ProblemDetails.parse(answer.json()).code;
const jobNow = async () => (await jobs.need(api.planes.work.store, id)).doc;
const siteNow = async () => (await facilities.need(api.planes.work.store, underWay.facility)).doc;

describe('what is done to a job over HTTP', () => {
  it('is done by who asks, with the reason, once for a key', async () => {
    for (const _ of ['first', 'again']) {
      const answer = await post(`/v1/jobs/${id}/cancel`, { 'idempotency-key': 'one' });
      expect(answer.statusCode, answer.body).toBe(200);
      expect(CommandView.parse(answer.json())).toMatchObject({ action: 'job.cancel', subject: id, state: 'done' });
    }
    const { state, acts } = await jobNow();
    expect({ state, acts }).toMatchObject({ state: 'cancelled', acts: [{ by: 'anna', why: 'a test' }] });
    expect(acts).toHaveLength(1);
  });

  it('is not done to another version than was looked at, and done to that one', async () => {
    const seen = await etagOf(`/v1/jobs/${id}`);
    await post(`/v1/jobs/${id}/cancel`);
    const late = await post(`/v1/jobs/${id}/retry`, { 'if-match': seen });
    expect(late.statusCode).toBe(412);
    expect((await jobNow()).state).toBe('cancelled');
    const fresh = await post(`/v1/jobs/${id}/retry`, { 'if-match': await etagOf(`/v1/jobs/${id}`) });
    expect(fresh.statusCode, fresh.body).toBe(200);
    expect((await jobNow()).state).toBe('waiting');
  });

  it('is refused with the reason when its time is over', async () => {
    await post(`/v1/jobs/${id}/cancel`);
    const answer = await post(`/v1/jobs/${id}/cancel`);
    expect([answer.statusCode, codeOf(answer)]).toEqual([409, 'job-settled']);
    expect(answer.body).toContain('cancelled by anna: a test');
  });
});

describe('what is done to a facility over HTTP', () => {
  it('is done by its name, with an end', async () => {
    const untilAt = '2026-01-02T00:00:00.000Z';
    const answer = await post('/v1/facilities/local/drain', {}, { why: 'a new switch', untilAt });
    expect(answer.statusCode, answer.body).toBe(200);
    expect((await siteNow()).drain).toMatchObject({ by: 'anna', why: 'a new switch', untilAt });
    expect((await post('/v1/facilities/prod_facility_local/resume')).statusCode).toBe(200);
    expect((await siteNow()).drain).toBeUndefined();
  });

  it('is not done to another version than was looked at', async () => {
    const seen = await etagOf('/v1/facilities/local');
    await post('/v1/facilities/local/drain');
    expect((await post('/v1/facilities/local/resume', { 'if-match': seen })).statusCode).toBe(412);
    expect((await siteNow()).drain).toBeDefined();
  });

  it.each([
    ['an end that is no moment', { why: 'a', untilAt: 'tomorrow' }],
    ['no reason', {}],
    ['what nobody knows', { why: 'a', force: true }],
  ])('is refused with %s, and nothing is sent', async (_, body) => {
    expect((await post('/v1/facilities/local/drain', {}, body)).statusCode).toBe(422);
    expect(api.sent).toEqual([]);
  });

  it('lists those that are drained, and those that are not', async () => {
    const names = async (query: string): Promise<unknown> => {
      const answer = await api.app.inject({ url: `/v1/facilities?${query}`, headers: { host: own.host } });
      return answer.json().items.map(({ name }: { name: string }) => name);
    };
    expect([await names('drained=true'), await names('drained=false')]).toEqual([[], ['local']]);
    await post('/v1/facilities/local/drain');
    expect([await names('drained=true'), await names('drained=false')]).toEqual([['local'], []]);
  });
});
