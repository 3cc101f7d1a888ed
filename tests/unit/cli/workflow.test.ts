import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../../../clients/cli/program.ts';
import { graphLines, readGraph } from '../../../clients/cli/workflow-graph.ts';
import { graphSvg } from '../../../clients/cli/workflow-svg.ts';
import { anyMachine } from '../../builders/a-machine.ts';
import { anApi, type TestApi } from '../../builders/an-api.ts';

const greet = 'tests/fixtures/workflows/greet.asl.json';

let api: TestApi;
let url: string;
beforeAll(async () => {
  api = await anApi();
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => api[Symbol.asyncDispose]());

async function* asPipe(text: string) {
  yield Buffer.from(text);
}

/** Runs a command of workflow; gives what it wrote and its exit code. */
const workflow = async (line: string, piped?: string) => {
  const written = { out: '', err: '' };
  const code = await run(['workflow', ...line.split(' '), '--url', url], {
    ...(piped !== undefined && { in: asPipe(piped) }),
    out: { write: (text: string) => (written.out += text), columns: 100 },
    err: { write: (text: string) => (written.err += text) },
    signal: new AbortController().signal,
  });
  return { ...written, code };
};

describe('papilio workflow validate', () => {
  it('says nothing on stdout about a definition that is right', async () => {
    expect(await workflow(`validate ${greet}`)).toEqual({ out: '', err: `${greet}: nothing is wrong\n`, code: 0 });
  });

  it.each(['archive-stf', 'process-stf', 'run-job', 'merge-run', 'prepare-run'])(
    'finds papilio’s own %s right',
    async (machine) => {
      expect((await workflow(`validate statemachines/${machine}.asl.json`)).code).toBe(0);
    },
  );

  it('shows what is wrong with a definition from a pipe, and where, and ends with 1', async () => {
    const { out, code } = await workflow(
      'validate -',
      readFileSync(greet, 'utf8').replace('"Next": "Nobody"', '"Next": "No"'),
    );
    expect(code).toBe(1);
    expect(out).toMatch(/ERROR +MISSING_TRANSITION_TARGET +\/States\/Ask\/Catch\[0\]\/Next/);
  });

  it.each([
    ['validate /nowhere/none.asl.json', /error\[usage\].*cannot be read/],
    [`test ${greet} --inspect all`, /--inspect is none of/],
    [`test ${greet} --mock ${greet}`, /--mock is not of the form/],
    [`test ${greet} --input package-lock.json/x`, /cannot be read/],
    [`test ${greet} --retries few`, /--retries is not a number/],
  ])('%s is a wrong use', async (line, said) => {
    const { err, code } = await workflow(line);
    expect(err).toMatch(said);
    expect(code).toBe(2);
  });
});

describe('papilio workflow test', () => {
  it('shows what a state makes of its input, and where it goes', async () => {
    const { out, code } = await workflow(`test ${greet} --state Greet --input - --inspect debug`, '{"name":"Ada"}');
    expect(code).toBe(0);
    expect(out).toMatch(/status +SUCCEEDED/);
    expect(out).toMatch(/afterParameters:\n\{\n {2}"text": "Hello Ada"\n\}/);
    expect(out).toMatch(/output:\n\{\n {2}"name": "Ada",\n {2}"greeting": \{\n {4}"text": "Hello Ada"/);
  });

  it('follows a mocked error to where it is caught', async () => {
    const { out, code } = await workflow(`test ${greet} --state Ask --mock -`, '{"error":"Invalid","cause":"no"}');
    expect(code).toBe(0);
    expect(out).toMatch(/status +CAUGHT_ERROR\nnext +Nobody\nerror +Invalid\ncause +no/);
  });

  it('retries before it catches, as often as the state says', async () => {
    const mock = '{"error":"Transient"}';
    const tried = async (retries: number) =>
      JSON.parse((await workflow(`test ${greet} --state Ask --mock - --retries ${retries} --json`, mock)).out).status;
    expect([await tried(0), await tried(1), await tried(2)]).toEqual(['RETRIABLE', 'RETRIABLE', 'CAUGHT_ERROR']);
  });

  it('ends with 1 when the state fails', async () => {
    const { out, code } = await workflow(`test ${greet} --state Nobody`);
    expect({ out, code }).toEqual({ out: expect.stringMatching(/FAILED\nerror +Nobody/), code: 1 });
  });

  it('asks for a mock instead of doing a task', async () => {
    const { err, code } = await workflow(`test ${greet} --state Ask`);
    expect(err).toMatch(/error\[workflow-mock-missing\][\s\S]*--mock FILE/);
    expect(code).toBe(2);
  });
});

describe('papilio workflow graph', () => {
  it('shows states in the order in which they are reached, with what leads where', async () => {
    expect((await workflow(`graph ${greet}`)).out).toBe(
      [
        '▶ IsNamed (Choice)',
        '    $.name IsPresent true → Greet',
        '    else → Ask',
        '  Greet (Pass) ■',
        '  Ask (Task)',
        '    → IsNamed',
        '    ✗ States.ALL → Nobody',
        '  Nobody (Fail) ■',
        '',
      ].join('\n'),
    );
  });

  it('sets branches and item processors in', () => {
    const inner = { StartAt: 'In', States: { In: { Type: 'Succeed' } } };
    const definition = {
      StartAt: 'Split',
      States: { Split: { Type: 'Parallel', Branches: [inner, inner], End: true } },
    };
    expect(graphLines(readGraph(JSON.stringify(definition)))).toEqual([
      '▶ Split (Parallel) ■',
      '    branch 1',
      '    ▶ In (Succeed) ■',
      '    branch 2',
      '    ▶ In (Succeed) ■',
    ]);
  });

  it('draws a picture that stands alone', async () => {
    const { out } = await workflow(`graph ${greet} --svg`);
    expect(out).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"[\s\S]*<\/svg>\n$/);
    expect(out.match(/<rect class="state/g)).toHaveLength(4);
    expect(out.match(/marker-end/g)).toHaveLength(4);
  });

  it('lets no name of a state become markup', () => {
    const name = '<script>alert("1")</script>&';
    const svg = graphSvg(readGraph(JSON.stringify({ StartAt: name, States: { [name]: { Type: 'Succeed' } } })));
    expect(svg).not.toContain('<script');
    expect(svg).toContain('&lt;script&gt;');
  });

  it.each(['{', '[]', '{"StartAt":"A"}', `{"StartAt":"A","States":{"A":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`])(
    'what is no machine is a wrong use: %.30s',
    async (text) => {
      expect(await workflow('graph -', text)).toMatchObject({ code: 2, out: '' });
    },
  );

  it('names every state once, and every transition, whatever the machine', () => {
    fc.assert(
      fc.property(anyMachine, (machine) => {
        const text = graphLines(readGraph(JSON.stringify(machine))).join('\n');
        const names = [...JSON.stringify(machine).matchAll(/"([a-z]+\d+)":\{"Type"/g)].map(([, name]) => name);
        const drawn = [...text.matchAll(/(\S+) \((?:Pass|Wait|Task|Parallel|Map)\)/g)].map(([, name]) => name);
        expect(drawn.sort()).toEqual(names.sort());
        expect(text.match(/→/g)?.length ?? 0).toBe(JSON.stringify(machine).match(/"Next":/g)?.length ?? 0);
      }),
    );
  });

  it('draws ten thousand states', () => {
    const states = Array.from({ length: 10_000 }, (_, at) => [`s${at}`, { Type: 'Pass', Next: `s${at + 1}` }]);
    const definition = { StartAt: 's0', States: Object.fromEntries([...states, ['s10000', { Type: 'Succeed' }]]) };
    expect(graphSvg(readGraph(JSON.stringify(definition))).match(/class="state/g)).toHaveLength(10_001);
  });
});
