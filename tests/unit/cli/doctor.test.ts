import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { enginesIn } from '../../../clients/cli/ask-engine.ts';
import { run } from '../../../clients/cli/program.ts';
import { enginePages } from '../../../local/engine/pages.ts';
import { serveEngine } from '../../../local/engine/server.ts';
import { askingMachine } from '../../builders/an-asking-machine.ts';
import { account, aFolder, anEngine } from '../../builders/an-engine.ts';
import { fakeClock } from '../../builders/fake-clock.ts';

/** An engine that serves, with an execution that has waited for a token for two hours. */
const aServing = async (): Promise<string> => {
  const clock = fakeClock(Date.now() - 7_200_000);
  const engine = await anEngine({ clock });
  await engine.call('sqs', 'CreateQueue', { QueueName: 'ask' });
  const roleArn = `arn:aws:iam::${account}:role/any`;
  await engine.call('sfn', 'CreateStateMachine', { name: 'asks', roleArn, definition: JSON.stringify(askingMachine) });
  const stateMachineArn = `arn:aws:states:us-east-1:${account}:stateMachine:asks`;
  await engine.call('sfn', 'StartExecution', { stateMachineArn, name: 'one' });
  await clock.advance(7_200_000);
  const pages = enginePages(engine, { lambda: 'http://127.0.0.1:1' });
  const server = await serveEngine({ call: engine.call, listen: { port: 0 }, pages });
  onTestFinished(() => server.close());
  return server.address;
};

const doctor = async (...words: string[]) => {
  const written = { out: '', err: '' };
  const code = await run(['doctor', ...words], {
    out: { write: (text: string) => (written.out += text), columns: 120 },
    err: { write: (text: string) => (written.err += text) },
    signal: new AbortController().signal,
  });
  return { ...written, code };
};

describe('papilio doctor --engine', () => {
  it('says what is wrong and what to do before anything else, and ends with 1', async () => {
    const { out, code } = await doctor('--engine', '--endpoint', await aServing(), '--stuck-after', '3600');
    expect(code).toBe(1);
    expect(out).toMatch(/^http:\S+: serves, 2 findings\n✗ service-unreachable: lambda at http:\/\/127.0.0.1:1: /);
    expect(out).toMatch(/✗ wait-stuck: asks:one waits in Ask since .*\n {4}try: Answer its token, or stop it/);
    expect(out).toMatch(/waiting for +token 1\nqueues +ask 1\n/);
    expect(out).toMatch(/asks:one in Ask for 2 h 0 min\n$/);
  });

  it('gives all of it to a program', async () => {
    const { out } = await doctor('--engine', '--endpoint', await aServing(), '--json');
    const [report] = JSON.parse(out);
    expect(report).toMatchObject({ from: 'serving', executions: { running: 1 }, openWaits: [{ state: 'Ask' }] });
    expect(report.findings.map(({ code }: { code: string }) => code)).toEqual(['service-unreachable']);
  });

  it('finds both planes in the folder of a house, or the one engine of its own folder', async () => {
    const house = await aFolder();
    for (const plane of ['archive', 'work']) {
      mkdirSync(join(house, plane, 'engine'), { recursive: true });
      writeFileSync(join(house, plane, 'engine', 'journal-1.log'), '');
    }
    expect(enginesIn(house).map(({ name }) => name)).toEqual(['archive', 'work']);
    const own = join(house, 'work', 'engine');
    expect(enginesIn(own)).toEqual([{ name: own, folder: own }]);
  });

  it.each([
    [['--endpoint', 'here'], 2, '--endpoint http'],
    [['--stuck-after', 'soon'], 2, '--stuck-after 3600'],
    [['--engine', '--data', '/nowhere'], 2, 'no engine in /nowhere'],
    [['--engine', '--endpoint', 'http://127.0.0.1:1'], 6, 'nothing listens at'],
  ])('%j ends with %i', async (words, expected, said) => {
    const { code, err } = await doctor(...words);
    expect(code).toBe(expected);
    expect(err).toContain(said);
  });
});
