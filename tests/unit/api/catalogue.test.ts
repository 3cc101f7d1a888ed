import { afterEach, beforeEach, expect, test } from 'vitest';
import { FunctionPage, WorkflowPage, WorkflowView } from '#schema/catalogue';
import { catalog } from '../../../functions/catalog.ts';
import { machineOf } from '../../builders/a-states-part.ts';
import { anApi, type TestApi } from '../../builders/an-api.ts';

let api: TestApi;
beforeEach(async () => {
  api = await anApi();
});
afterEach(() => api[Symbol.asyncDispose]());
const get = (url: string) => api.app.inject({ url, headers: { host: '127.0.0.1:8714' } });

test('every function is listed once, page by page, in order', async () => {
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const page = FunctionPage.parse((await get(`/v1/functions?limit=4${cursor ? `&cursor=${cursor}` : ''}`)).json());
    names.push(...page.items.map(({ name }) => name));
    cursor = page.next;
  } while (cursor !== undefined);
  expect(names).toEqual(Object.keys(catalog).sort());
});

test('functions are found by plane and area', async () => {
  const { items } = FunctionPage.parse((await get('/v1/functions?plane=archive&area=streaming')).json());
  expect(items.length).toBeGreaterThan(2);
  expect(items.every(({ plane, area }) => plane === 'archive' && area === 'streaming')).toBe(true);
  expect(FunctionPage.parse((await get('/v1/functions?area=none')).json()).items).toEqual([]);
});

test('a state machine is shown as its plane has it, and one that its plane has not yet is not listed', async () => {
  const definition = { ...machineOf({ Do: { Type: 'Pass', End: true } }), Comment: 'One STF.' };
  await api.engines.work.create(definition, 'process-stf');
  const told = { name: 'process-stf', plane: 'work', comment: 'One STF.', states: 1 };
  const { items } = WorkflowPage.parse((await get('/v1/workflows')).json());
  expect(items).toEqual([expect.objectContaining(told)]);
  const view = WorkflowView.parse((await get('/v1/workflows/process-stf')).json());
  expect(view).toMatchObject({ ...told, definition });
  expect((await get('/v1/workflows/run-job')).statusCode).toBe(404);
});

test('while a plane is away its state machines are unavailable, not missing', async () => {
  api.reports.work = undefined;
  expect((await get('/v1/workflows/process-stf')).statusCode).toBe(503);
  expect((await get('/v1/workflows?plane=archive')).statusCode).toBe(200);
});
