import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { Status, Summary } from '#schema/status';
import { JobView, StfView, Trace } from '#schema/view';
import { demoRecording } from '../../local/sim/daq/demo.ts';
import { frontOf } from '../../local/supervisor/front-client.ts';
import { type House, startHouse } from '../../local/supervisor/house.ts';
import { plainEnvironment } from '../builders/plain-environment.ts';

/** A person at a terminal beside a papilio at work: the real command, the real processes. */
const main = fileURLToPath(new URL('../../clients/cli/main.ts', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'papilio-cli-'));
const folder = join(scratch, 'data');
const run = 4711;
const stfs = 3;
const soon = { timeout: 15_000, interval: 100 };

type Said = { readonly out: string; readonly err: string; readonly code: number };
const papilio = (...words: string[]): Promise<Said> =>
  new Promise((resolve) => {
    const env = { ...plainEnvironment, PAPILIO_DATA: folder };
    execFile(process.execPath, [main, ...words], { env }, (error, out, err) =>
      resolve({ out, err, code: error === null ? 0 : Number(error.code) }),
    );
  });
const asked = async <T>(schema: z.ZodType<T>, ...words: string[]): Promise<T> =>
  schema.parse(JSON.parse((await papilio(...words, '--json')).out));

let house: House;
beforeAll(async () => {
  const recording = join(scratch, 'recording.jsonl');
  writeFileSync(recording, demoRecording(run, new Date('2026-11-24T06:00:00Z'), stfs).join('\n'));
  house = await startHouse({
    folder,
    port: 0,
    environment: { ...plainEnvironment },
    bridge: ['--replay', recording, '--speed', 'max'],
  });
  await house.bridgeDone;
  await (await frontOf(folder)).quiet();
}, 60_000);
afterAll(async () => {
  await house?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

test('finds papilio by its data folder and shows every STF, archived and processed', async () => {
  const list = await asked(z.array(StfView), 'stf', 'list', '--run', String(run));
  expect(list.map(({ sequence, isArchived, processing }) => ({ sequence, isArchived, processing }))).toEqual(
    Array.from({ length: stfs }, (_, at) => ({ sequence: at + 1, isArchived: true, processing: 'processed' })),
  );
});

test('follows one STF from its message to its output, each step with its cause', async () => {
  const trace = await asked(Trace, 'stf', 'trace', `swf.${run}.000002.stf`);
  const types = trace.events.map(({ type }) => type);
  const steps = [
    'message.received',
    'stf.catalogued',
    'job.assigned',
    'job.submitted',
    'job.settled',
    'output.registered',
    'stf.processed',
  ];
  expect(types.filter((type) => steps.includes(type))).toEqual(steps);
  expect(types).toContain('stf.archived');
  expect(trace.events.find(({ type }) => type === 'stf.archived')?.cause).toBe(trace.messages[0]?.id);
  expect(trace.output?.provenance.inputs[0]?.name).toBe(`swf.${run}.000002.stf`);
  expect(trace.job?.attempts[0]?.end).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
});

test('reads what the payload wrote, and why it ran there', async () => {
  const name = `swf.${run}.000001.stf`;
  expect(await papilio('job', 'logs', name, '--follow')).toMatchObject({ code: 0, out: expect.stringMatching(/hits/) });
  // One decision more where the job came before its file was archived.
  expect((await asked(JobView, 'why', name)).explains.at(-1)).toMatchObject({ attempt: 1, chosen: 'local/default' });
  expect((await papilio('why', name)).out).toMatch(/attempt 1 went to local\/default/);
});

test('says what there is not, with the exit code for it', async () => {
  expect(await papilio('stf', 'show', 'swf.1.000001.stf')).toMatchObject({
    code: 3,
    out: '',
    err: expect.stringMatching(/record-missing.*\n +try:/),
  });
});

test('shows the same figures after the front was killed, from nothing but the logs', async () => {
  const figures = async () => (await asked(Status, 'status')).total;
  const before = await figures();
  process.kill(house.pid('front') ?? 0, 'SIGKILL');
  await expect.poll(() => house.starts('front'), soon).toBe(2);
  await expect.poll(async () => (await papilio('version')).code, soon).toBe(0);
  await expect.poll(figures, soon).toEqual(before);
  expect(before.stfs).toEqual({ seen: stfs, archived: stfs, processed: stfs, failed: 0, quarantined: 0 });
});

test('goes on showing what was, and says since when the work plane gives no news', async () => {
  const work = house.pid('work') ?? 0;
  process.kill(work, 'SIGSTOP');
  // At once: after five seconds the supervisor starts another one in its place.
  const [status, list] = await Promise.all([papilio('status'), papilio('stf', 'list', '-o', 'name')]);
  if (house.pid('work') === work) process.kill(work, 'SIGCONT');
  expect(status).toMatchObject({ code: 6, out: expect.stringMatching(/work +✗ no news since \d\d:\d\d:\d\d UTC/) });
  expect(list.out.trim().split('\n')).toHaveLength(stfs);
  await expect.poll(async () => (await papilio('status')).code, soon).toBe(0);
});

test('adds up the run', async () => {
  const shown = z.object({ outputs: Summary.shape.outputs });
  const { outputs } = await asked(shown, 'run', 'show', String(run), '--outputs');
  expect(outputs).toHaveLength(stfs + 1);
});
