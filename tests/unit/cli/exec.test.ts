import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run } from '../../../clients/cli/program.ts';
import { functionArn, machineOf } from '../../builders/a-states-part.ts';
import { adminToken, anApi, type TestApi } from '../../builders/an-api.ts';

const ask = machineOf({ Ask: { Type: 'Task', Resource: functionArn('f'), Next: 'Done' }, Done: { Type: 'Succeed' } });

let api: TestApi;
let url: string;
let machine: string;
beforeEach(async () => {
  api = await anApi();
  machine = await api.engines.work.create(ask, 'process-stf');
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(() => api[Symbol.asyncDispose]());

/** Runs a command of exec; gives what it wrote and its exit code. */
const exec = async (line: string, onOut: (text: string) => void = () => undefined) => {
  const written = { out: '', err: '' };
  const code = await run(['exec', ...line.split(' '), '--url', url, '--token', adminToken], {
    out: {
      write: (text: string) => {
        written.out += text;
        onOut(text);
      },
      columns: 120,
    },
    err: { write: (text: string) => (written.err += text) },
    signal: new AbortController().signal,
  });
  return { ...written, code };
};

const startAndAnswer = async (name: string, answer: 'succeed' | 'fail'): Promise<void> => {
  await api.engines.work.start(machine, { stf: name }, name);
  await api.engines.work.settle();
  const call = api.engines.work.invocations.at(-1);
  if (answer === 'succeed') call?.succeed({ ok: true });
  else call?.fail('SiteFault', 'no disk');
  await api.engines.work.settle();
};

describe('papilio exec', () => {
  it('lists executions, the latest first, and filters them', async () => {
    await startAndAnswer('one', 'succeed');
    await api.clock.advance(1_000);
    await startAndAnswer('two', 'fail');
    const { out, code } = await exec('list');
    expect(code).toBe(0);
    expect(out).toMatch(/FAILED .*process-stf:two\n.*SUCCEEDED .*process-stf:one\n/);
    expect((await exec('list --status FAILED -o name')).out).toBe('process-stf:two\n');
    expect(await exec('list --plane archive')).toMatchObject({ out: '', err: 'no executions\n' });
  });

  it('shows one with its input, and what went wrong', async () => {
    await startAndAnswer('two', 'fail');
    const { out, code } = await exec('show two');
    expect(code).toBe(0);
    expect(out).toMatch(/execution +process-stf:two\nplane +work\nstatus +FAILED/);
    expect(out).toMatch(/error +SiteFault/);
    expect(out).toContain('"stf": "two"');
  });

  it('tells its history, in pages', async () => {
    await startAndAnswer('one', 'succeed');
    const { out } = await exec('history one --limit 3 --all');
    expect(out.trimEnd().split('\n').slice(1)).toHaveLength(9);
    expect(out).toMatch(/ 4 +3 .*LambdaFunctionStarted/);
    const part = await exec('history process-stf:one --limit 3 --json');
    expect(JSON.parse(part.out)).toHaveLength(3);
    expect(part.err).toContain('there is more');
  });

  it('watches one to its end, event by event', async () => {
    await api.engines.work.start(machine, {}, 'w');
    await api.engines.work.settle();
    const lines: string[] = [];
    const watching = exec('watch w', (text) => {
      lines.push(text);
      if (text.includes('LambdaFunctionStarted')) api.engines.work.invocations[0]?.succeed(1);
    });
    let isOver = false;
    void watching.then(() => {
      isOver = true;
    });
    while (!isOver) await api.clock.advance(100);
    const { out, code } = await watching;
    expect(code).toBe(0);
    expect(lines.length).toBeGreaterThan(1);
    expect(out.match(/ExecutionStarted|ExecutionSucceeded/g)).toEqual(['ExecutionStarted', 'ExecutionSucceeded']);
  });

  it('ends a watch with 1 when the execution fails', async () => {
    await startAndAnswer('two', 'fail');
    const { out, code } = await exec('watch two --json');
    expect(code).toBe(1);
    const last = out.trimEnd().split('\n').at(-1) ?? '';
    expect(JSON.parse(last)).toMatchObject({ type: 'ExecutionFailed', details: { error: 'SiteFault' } });
  });

  it('says what would be stopped, stops it, and knows one that has ended', async () => {
    await startAndAnswer('one', 'succeed');
    await api.engines.work.start(machine, {}, 'w');
    const tried = await exec('stop one w --dry-run');
    expect(tried.code).toBe(1);
    expect(tried.out).toMatch(/process-stf:one +SUCCEEDED +not: it has ended\nprocess-stf:w +RUNNING +be stopped\n/);
    const { out, err, code } = await exec('stop w --why wrong -o name');
    expect(err).toContain('papilio job cancel');
    expect({ out, code }).toEqual({ out: 'process-stf:w\n', code: 0 });
    expect((await exec('show w')).out).toMatch(/status +ABORTED[\s\S]*error +papilio.stopped/);
  });

  it('says whether what failed can be redriven, and redrives it', async () => {
    await startAndAnswer('two', 'fail');
    expect((await exec('show two')).out).toMatch(/redrive +possible/);
    expect((await exec('redrive two --dry-run')).out).toMatch(/process-stf:two +FAILED +run again what failed\n/);
    expect(await exec('redrive two --why back')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/process-stf:two +RUNNING/),
    });
    await api.engines.work.settle();
    api.engines.work.invocations.at(-1)?.succeed(1);
    await api.engines.work.settle();
    expect((await exec('show two')).out).toMatch(/status +SUCCEEDED[\s\S]*redrive +redriven 1 times/);
    expect((await exec('redrive two --why again')).code).toBe(5);
  });

  it.each([
    ['stop two', 2],
    ['redrive none --why x', 3],
    ['list --plane moon', 2],
    ['list --status DONE', 2],
    ['list --machine none', 3],
    ['show none', 3],
    ['watch process-stf:none', 3],
  ])('%s ends with %i', async (line, expected) => {
    expect((await exec(line)).code).toBe(expected);
  });
});
