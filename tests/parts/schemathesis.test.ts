import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';
import { demoRecording } from '../../local/sim/daq/demo.ts';
import { plainEnvironment } from '../builders/plain-environment.ts';
import { type Found, type Search, schemathesisPart, searchFaults } from './schemathesis.ts';

/** Schemathesis reads the served OpenAPI document, and asks a papilio with data whatever may show that it is not true. */
const main = fileURLToPath(new URL('../../local/main.ts', import.meta.url));
const requestsWanted = 20_000;
/** The same requests every time, so that what it finds is found again; another seed looks elsewhere. */
const seed = process.env.PAPILIO_SCHEMATHESIS_SEED ?? '1';

let folder: string;
let papilio: ChildProcess | undefined;
let search: Omit<Search, 'args'>;

const environment = { ...plainEnvironment, PAPILIO_RUN_CLOSE_S: '1' };

/** A run of which one STF fails, and a message that nobody understands. */
const record = async (data: string): Promise<void> => {
  const recording = join(folder, 'recording.jsonl');
  const lines = demoRecording(2001, new Date('2026-11-24T06:00:00Z'), 6);
  const odd = JSON.stringify({ destination: '/topic/epictopic', tick: 1, body: { msg_type: 'coffee_ready' } });
  await writeFile(recording, `${[odd, ...lines].join('\n')}\n`);
  const words = ['--data', data, '--replay', recording, '--speed', 'max', '--exit', '--port', '0'];
  const faults = JSON.stringify({ 'swf.2001.000003.stf': 'fail' });
  const env = { ...environment, PAPILIO_PAYLOAD_FAULTS: faults };
  await once(spawn(process.execPath, [main, ...words], { env, stdio: 'ignore' }), 'close');
};

/** Starts papilio and gives its address. */
const serve = async (data: string): Promise<string> => {
  const words = ['--data', data, '--no-demo', '--port', '0'];
  const house = spawn(process.execPath, [main, ...words], { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
  papilio = house;
  const ended = once(house, 'close').then(() => undefined);
  const serves = new Promise<string>((resolve) => {
    // It is listened to as long as it speaks: a full pipe would stop it.
    createInterface(house.stderr).on('line', (line) => {
      const [, url] = /API (http:\S+)\/v1/.exec(line) ?? [];
      if (url !== undefined) resolve(url);
    });
  });
  const url = await Promise.race([serves, ended]);
  if (url === undefined) throw new Error('papilio ended before it served');
  return url;
};

const Page = z.object({ items: z.array(z.looseObject({ id: z.string() })) });
const namesOf = async (url: string, list: string): Promise<readonly string[]> => {
  const answer = await fetch(`${url}${list}`);
  return Page.parse(await answer.json()).items.map(({ id }) => id);
};

/** Ids by path and parameter, as the paths of the API have them. */
const thingsAt = async (url: string): Promise<Search['there']> => {
  const [runs, stfs, jobs, held, executions, facilities] = await Promise.all(
    ['runs', 'stfs?run=2001', 'jobs?run=2001', 'quarantine', 'executions', 'facilities'].map((list) =>
      namesOf(url, `/v1/${list}`),
    ),
  );
  const all = { runs, stfs, jobs, held, executions, facilities };
  for (const [name, ids] of Object.entries(all)) expect(ids?.length, name).toBeGreaterThan(0);
  return {
    '/v1/runs/run': runs ?? [],
    '/v1/stfs/stf': stfs ?? [],
    '/v1/jobs/job': jobs ?? [],
    '/v1/jobs/id': jobs ?? [],
    '/v1/quarantine/id': held ?? [],
    '/v1/executions/execution': executions ?? [],
    '/v1/facilities/facility': facilities ?? [],
    '/v1/facilities/id': facilities ?? [],
    '/v1/errors/code': ['stf-corrupt', 'bug'],
  };
};

beforeAll(async () => {
  schemathesisPart.install();
  folder = await mkdtemp(join(tmpdir(), 'papilio-schemathesis-'));
  const data = join(folder, 'data');
  await record(data);
  const url = await serve(data);
  const token = (await readFile(join(data, 'admin.token'), 'utf8')).trim();
  search = { url, token, cwd: folder, there: await thingsAt(url) };
}, 600_000);

afterAll(async () => {
  papilio?.kill('SIGTERM');
  if (papilio?.exitCode === null) await once(papilio, 'close');
  await rm(folder, { recursive: true, force: true });
});

const Document = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.object({ operationId: z.string() }))),
});

test(`schemathesis finds nothing in ${requestsWanted} requests, with every check`, async () => {
  const document = Document.parse(await (await fetch(`${search.url}/v1/openapi.json`)).json());
  const names = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );
  // Two at a time: each has its share of the operations, and draws once what they have in common. And one what one
  // operation's answer makes possible for another.
  const shares = [0, 1].map((share) => names.filter((_, at) => at % 2 === share));
  const asked = shares.map((share) => [
    ...['--phases', 'examples,coverage,fuzzing', '--max-examples', '270'],
    ...share.flatMap((name) => ['--include-operation-id', name]),
  ]);
  const stateful = ['--phases', 'stateful', '--max-examples', '300'];
  const found: readonly Found[] = await Promise.all(
    [...asked, stateful].map((args) => searchFaults({ ...search, args: [...args, '--seed', seed] })),
  );
  const requests = found.reduce((sum, { cases }) => sum + cases, 0);
  process.stdout.write(`schemathesis: ${requests} requests (${found.map(({ cases }) => cases).join(' + ')})\n`);
  const unclean = found.filter(({ isClean }) => !isClean);
  expect(unclean.map(({ report }) => report.slice(-20_000))).toEqual([]);
  expect(requests).toBeGreaterThanOrEqual(requestsWanted);
}, 1_800_000);
