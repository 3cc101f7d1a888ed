import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WorkflowProblem } from '../../../functions/lib/schema/workflow.ts';
import { machineOf } from '../../builders/a-states-part.ts';
import { anApi, type TestApi } from '../../builders/an-api.ts';

let api: TestApi;
beforeEach(async () => {
  api = await anApi();
});
afterEach(() => api[Symbol.asyncDispose]());

const post = async (what: string, payload: object) => {
  const url = `/v1/workflows/${what}`;
  const answer = await api.app.inject({ method: 'POST', url, headers: { host: '127.0.0.1:8714' }, payload });
  return { status: answer.statusCode, body: answer.json() };
};

/** As a file has it: the name of a function in the place of its ARN. */
const functionNamed = (name: string): string => `\${function:${name}}`;

const definition = JSON.stringify(
  machineOf({
    Prepare: { Type: 'Pass', Parameters: { 'stf.$': '$.id' }, Next: 'Ask' },
    Ask: {
      Type: 'Task',
      Resource: functionNamed('catalogue-stf'),
      Retry: [{ ErrorEquals: ['Transient'] }],
      End: true,
    },
  }),
);

describe('POST /v1/workflows/validate', () => {
  it('knows papilio’s own functions by their names', async () => {
    expect(await post('validate', { definition })).toEqual({ status: 200, body: { result: 'OK', problems: [] } });
  });

  it('tells every problem with its place', async () => {
    const { body } = await post('validate', { definition: '{"StartAt":"A","States":{"B":{"Type":"Pass"}}}' });
    expect(body.result).toBe('FAIL');
    const codes = new Map(body.problems.map(({ code, location }: WorkflowProblem) => [code, location]));
    expect(codes.get('MISSING_TRANSITION_TARGET')).toBe('/StartAt');
  });

  it('refuses a name that nobody has', async () => {
    const { status, body } = await post('validate', { definition: definition.replace('catalogue-stf', 'make-coffee') });
    expect(status).toBe(422);
    expect(body.detail).toContain(functionNamed('make-coffee'));
  });

  it('is a plane that does not answer if the work plane is away', async () => {
    api.reports.work = undefined;
    expect(await post('validate', { definition })).toMatchObject({ status: 503, body: { code: 'plane-unavailable' } });
  });
});

describe('POST /v1/workflows/test', () => {
  it('runs one state and shows its data step by step', async () => {
    const test = { definition, state: 'Prepare', input: { id: 'swf.1.000001.stf' }, inspect: 'debug' };
    expect(await post('test', test)).toMatchObject({
      status: 200,
      body: {
        status: 'SUCCEEDED',
        nextState: 'Ask',
        output: { stf: 'swf.1.000001.stf' },
        inspection: { input: { id: 'swf.1.000001.stf' }, afterParameters: { stf: 'swf.1.000001.stf' } },
      },
    });
  });

  it('does no work: a Task needs a mock', async () => {
    expect(await post('test', { definition, state: 'Ask' })).toMatchObject({
      status: 422,
      body: { code: 'workflow-mock-missing' },
    });
    expect(api.engines.work.invocations).toEqual([]);
  });

  it.each([
    [{ result: { stfId: 's' } }, {}, { status: 'SUCCEEDED', output: { stfId: 's' } }],
    [{ error: 'Transient', cause: 'away' }, {}, { status: 'RETRIABLE', error: 'Transient', cause: 'away' }],
    [{ error: 'Transient' }, { retries: 3 }, { status: 'FAILED', error: 'Transient' }],
    [{ error: 'Invalid' }, {}, { status: 'FAILED', error: 'Invalid' }],
  ])('the mock %j after %j ends as %j', async (mock, more, ending) => {
    expect((await post('test', { definition, state: 'Ask', mock, ...more })).body).toEqual(ending);
  });

  it.each([
    ['a mock of both kinds', { mock: { result: 1, error: 'E' } }],
    ['an unknown level', { inspect: 'all' }],
    ['an unknown state', { state: 'Nobody' }],
    ['a definition that is none', { definition: '{' }],
  ])('refuses %s', async (_what, fields) => {
    expect(await post('test', { definition, state: 'Prepare', ...fields })).toMatchObject({ status: 422 });
  });
});
