import { afterAll, beforeAll, expect, test } from 'vitest';
import { outputs, progresses } from '#lib/records';
import type { Output } from '#schema/output';
import { OutputPage, ProvenanceView } from '#schema/provenance';
import { RunView } from '#schema/view';
import { run } from '../../../clients/cli/program.ts';
import { anApi, type TestApi } from '../../builders/an-api.ts';
import { archiveStf, idsOf, processStf, tellRun } from '../../builders/an-stf-story.ts';

/** A run of two STFs: its first merge held one of one and was superseded; the second holds one, and one was announced since. */
const story = { run: 102363, sequence: 1, receivedMs: 1000 };
const runId = 'prod_run_00102363';
const idOf = (pass: number) => `prod_output_00102363-p${pass}-merged`;
const missing = [{ sequence: 2, stfId: 'prod_stf_00102363-00000002', because: 'failed' as const }];
const account = { inputs: 1, expected: 1, expectedFrom: 'end_run' as const, isPartial: false };

let api: TestApi;
let url: string;
beforeAll(async () => {
  api = await anApi();
  const { store } = api.planes.work;
  await tellRun(api.planes.work, story.run);
  await archiveStf(api.planes.archive, story);
  await processStf(api.planes.work, story);
  const { doc } = await outputs.need(store, idsOf(story).outputId);
  const { stfId: _, ...rest } = doc;
  const inputs = [{ id: doc.id, name: doc.name }];
  const manifest = { objectKey: `${runId}/m.jsonl`, sizeBytes: 1, checksumAdler32: 'a', checksumCrc32c: 'c' };
  const merged = (pass: number, fields: Partial<Output>): Output => {
    const own = { id: idOf(pass), pass, name: `${idOf(pass)}.json`, merge: { ...account, missing } };
    return { ...rest, ...own, provenance: { ...doc.provenance, inputs, inputCount: 1, manifest }, ...fields };
  };
  const known = await progresses.get(store, runId);
  const merge = { pass: 2, inputs: 1, isPartial: false, isSettled: true, outputId: idOf(2) };
  await store.transact({
    writes: [
      outputs.put(idOf(1), merged(1, { supersededBy: idOf(2) }), 0),
      outputs.put(idOf(2), merged(2, { supersedes: idOf(1) }), 0),
      progresses.put(runId, { runId, catalogued: 2, processed: 1, failed: 1, merge }, known?.version ?? 0),
    ],
    events: [],
  });
  await api.caughtUp();
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => api[Symbol.asyncDispose]());

/** Runs a command line; gives what it wrote. */
const papilio = async (line: string): Promise<string> => {
  let text = '';
  const stream = {
    isTTY: false,
    columns: 200,
    write: (more: string) => {
      text += more;
    },
  };
  await run([...line.split(' '), '--url', url], { out: stream, err: stream, signal: new AbortController().signal });
  return text;
};
const get = async (path: string): Promise<unknown> => (await fetch(`${url}${path}`)).json();

test('a merge of which an STF was announced since its registration is shown as partial', async () => {
  const page = OutputPage.parse(await get(`/v1/outputs?run=${story.run}`));
  expect(page.items.map(({ id }) => id)).toEqual([idsOf(story).outputId, idOf(2)]);
  expect(page.items[1]).toMatchObject({ merge: { inputs: 1, expected: 2, isPartial: true, missing } });
  expect(await get(`/v1/outputs/${idOf(2)}`)).toEqual(page.items[1]);
  expect(RunView.parse(await get(`/v1/runs/${story.run}`)).merged).toEqual({
    id: idOf(2),
    pass: 2,
    inputs: 1,
    expected: 2,
    expectedFrom: 'end_run',
    isPartial: true,
  });
});

test('a superseded merge is listed on request, and an output leads to every pass that read it', async () => {
  const page = OutputPage.parse(await get(`/v1/outputs?run=${story.run}&superseded=true`));
  expect(page.items).toMatchObject([{ id: idOf(1), supersededBy: idOf(2) }]);
  const view = ProvenanceView.parse(await get(`/v1/provenance/${idsOf(story).outputId}`));
  expect(view.into.map(({ id }) => id)).toEqual([idOf(1), idOf(2)]);
});

test.each([
  ['data list --run 102363', /p2-merged .*partial 1 of 2/],
  ['data list --run 102363 --superseded', /p1-merged/],
  ['data show output_00102363-p2-merged', /merges +partial 1 of 2 STFs \(the total in end_run\)/],
  ['data show output_00102363-p2-merged', /missing +sequence 2: failed/],
  ['data show output_00102363-p2-merged', /supersedes +prod_output_00102363-p1-merged/],
  ['data show output_00102363-p1-merged', /superseded by +prod_output_00102363-p2-merged/],
  ['run show 102363', /merged +prod_output_00102363-p2-merged, partial 1 of 2 STFs/],
  [
    'why output_00102363-p2-merged',
    /partial 1 of 2 STFs.*\n +missing: sequence 2: failed\n +try: papilio stf list --run 102363 --processing failed/,
  ],
  ['why output_00102363-p1-merged', /was superseded by prod_output_00102363-p2-merged/],
  ['why output_00102363-00000001-p1-hits', /was made by prod_job_/],
])('papilio %s', async (line, expected) => {
  expect(await papilio(line)).toMatch(expected);
});

test('the list of current outputs has no superseded pass', async () => {
  expect(await papilio('data list --run 102363')).not.toContain('p1-merged');
});
