import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../clients/cli/program.ts';
import { anApi, type TestApi } from '../../builders/an-api.ts';
import { archiveStf, idsOf, processStf, quarantineStf, tellRun } from '../../builders/an-stf-story.ts';

const first = { run: 102363, sequence: 1, receivedMs: 1000 };
const second = { run: 102363, sequence: 2, receivedMs: 2000 };
const log = 'read 7 hits\n\u001b]0;owned\u0007done\n';

let api: TestApi;
let url: string;
beforeAll(async () => {
  const jobLogs = {
    read: async (_: string, { firstByte }: { firstByte: number }) => ({
      text: log.slice(firstByte),
      endByte: log.length,
      isFinal: true,
    }),
  };
  api = await anApi({ jobLogs });
  await tellRun(api.planes.work, first.run);
  for (const story of [first, second]) await archiveStf(api.planes.archive, story);
  await processStf(api.planes.work, first);
  await quarantineStf(api.planes.archive, 'archive', second);
  await api.caughtUp();
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => api[Symbol.asyncDispose]());

/** Runs a command line; gives what it wrote and its exit code. */
const papilio = async (line: string, isTTY = false) => {
  const written = { out: '', err: '' };
  const stream = (name: 'out' | 'err') => ({
    isTTY,
    columns: 100,
    write: (text: string) => {
      written[name] += text;
    },
  });
  const code = await run([...line.split(' '), '--url', url], {
    out: stream('out'),
    err: stream('err'),
    signal: new AbortController().signal,
  });
  return { ...written, code };
};

const name = 'swf.102363.000001.stf';
const { jobId, quarantineId } = idsOf(first);

describe('the command line', () => {
  it.each([
    ['status', /run 102363[\s\S]*seen 2 +archived 2 +processed 1/],
    ['stf list', /swf\.102363\.000001\.stf .*yes .*processed/],
    [`stf show ${name}`, /BXs +65536000 to before 131072000/],
    [`stf trace ${name}`, /stf\.archived[^\n]*\n(.*\n)*.*stf\.processed/],
    ['run list', /102363 +physics/],
    ['run show 102363 --outputs', /STFs +seen 2 of 2(.*\n)*.*p1-hits\.json/],
    ['state show', /run\/physics/],
    ['state history', /start_run .*legal/],
    ['job list --run 102363', /stf-hits +succeeded/],
    [`job show ${jobId}`, /attempt 1 went to local\/default/],
    [`job logs ${name}`, /read 7 hits/],
    [`why ${name}`, /far\/gpu: no, no slot is free; it would need a free slot/],
    ['quarantine list', /held +(–|swf\S+) +stf-corrupt/],
    [`quarantine show ${idsOf(second).quarantineId}`, /msg_type/],
    ['event list --type stf', /archive +stf\.archived/],
    ['version', /instance +prod/],
  ])('papilio %s', async (line, expected) => {
    const { out, err, code } = await papilio(line);
    expect(code, err).toBe(0);
    expect(out).toMatch(expected);
  });

  it.each([
    'stf list',
    'run list',
    'state history',
    'job list',
    'quarantine list',
    'event list',
    'status',
    `why ${name}`,
  ])('papilio %s --json is one JSON value and nothing else', async (line) => {
    const { out, code } = await papilio(`${line} --json`);
    expect(code).toBe(0);
    expect(() => JSON.parse(out)).not.toThrow();
  });

  it('prints lists as lines of JSON and as names', async () => {
    const lines = (await papilio('stf list --run 102363 -o jsonl')).out.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).sequence)).toEqual([1, 2]);
    expect((await papilio('stf list -o name --newest')).out).toBe('swf.102363.000002.stf\nswf.102363.000001.stf\n');
  });

  it('says that there is more, on stderr, and fetches all of it if told so', async () => {
    const page = await papilio('stf list --run 102363 --limit 1 -o name');
    expect(page).toMatchObject({ out: `${name}\n`, err: expect.stringContaining('--all') });
    expect((await papilio('stf list --run 102363 --limit 1 --all -o name')).out.split('\n')).toHaveLength(3);
  });

  it('never lets a payload talk to the terminal', async () => {
    expect((await papilio(`job logs ${name}`, true)).out).not.toContain('\u001b');
    expect((await papilio(`job logs ${name}`, false)).out).toBe(log);
  });
});

describe('a command that cannot do what it was told', () => {
  it.each([
    ['stf show swf.102363.000009.stf', 3, 'record-missing'],
    ['stf show nonsense', 2, 'input-invalid'],
    ['run show 77', 3, 'record-missing'],
    [`job logs swf.102363.000002.stf`, 2, 'usage'],
    ['stf list --limit many', 2, 'usage'],
    [`quarantine show ${quarantineId}`, 3, 'record-missing'],
  ])('papilio %s ends with %i and says %s and what to try', async (line, code, word) => {
    const result = await papilio(line);
    expect(result).toMatchObject({ code, out: '' });
    expect(result.err).toMatch(new RegExp(`^error\\[${word}\\]: .+\\n  try: .+`));
  });

  it('did-you-means a verb that there is not', async () => {
    expect(await papilio('stf lst')).toMatchObject({ code: 2, err: expect.stringMatching(/Did you mean list\?/) });
  });

  it('ends with 6 when nothing answers, naming the address', async () => {
    const result = await run(['version', '--url', 'http://127.0.0.1:1'], {
      out: { write: () => undefined },
      err: { write: (text) => expect(text).toMatch(/unreachable|try:/) },
      signal: new AbortController().signal,
    });
    expect(result).toBe(6);
  });

  it('shows the status and ends with 6 when a plane is away', async () => {
    const report = api.reports.work;
    api.reports.work = undefined;
    const { code, out } = await papilio('status');
    api.reports.work = report;
    expect(code).toBe(6);
    expect(out).toMatch(/work +✗ no news since/);
  });

  it.each([
    'status',
    'stf list',
    'stf show',
    'stf trace',
    'run list',
    'run show',
    'state show',
    'state history',
    'job list',
    'job show',
    'job logs',
    'quarantine list',
    'quarantine show',
    'event list',
    'why',
    'version',
  ])('papilio %s --help shows an example', async (line) => {
    const { code, out } = await papilio(`${line} --help`);
    expect(code).toBe(0);
    expect(out).toMatch(/Examples?:\n {2}papilio /);
  });
});
