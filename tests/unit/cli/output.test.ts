import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { argumentWords } from '../../../clients/cli/argument-words.ts';
import { pick } from '../../../clients/cli/fields.ts';
import { flat, writerOf } from '../../../clients/cli/format.ts';
import { createProgram, run } from '../../../clients/cli/program.ts';
import { anApi, type TestApi } from '../../builders/an-api.ts';
import { archiveStf, processStf, tellRun } from '../../builders/an-stf-story.ts';

let api: TestApi;
let url: string;
beforeAll(async () => {
  api = await anApi();
  await tellRun(api.planes.work, 102_363);
  for (const sequence of [1, 2]) {
    const story = { run: 102_363, sequence, receivedMs: 1000 * sequence };
    await archiveStf(api.planes.archive, story);
    await processStf(api.planes.work, story);
  }
  await api.caughtUp();
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => api[Symbol.asyncDispose]());

const silent = { write: () => undefined };
const papilio = async (line: string, signal = new AbortController().signal) => {
  const written = { out: '', err: '' };
  const stream = (name: 'out' | 'err') => ({
    write: (text: string | Uint8Array) => {
      written[name] += text;
    },
  });
  const code = await run([...line.split(' '), '--url', url], { out: stream('out'), err: stream('err'), signal });
  return { ...written, code };
};

/** Cells as RFC 4180 has them. */
const cellsOf = (csv: string): string[][] => {
  const rows: string[][] = [[]];
  for (const [, separator, quoted, plain] of csv.matchAll(/(,|\r\n|^)(?:"((?:[^"]|"")*)"|([^",\r\n]*))/g)) {
    if (separator === '\r\n') rows.push([]);
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
  }
  return rows;
};

describe('what programs read', () => {
  it('is the same in JSON, in lines of JSON and in YAML', async () => {
    const json = JSON.parse((await papilio('stf list --run 102363 -o json')).out);
    expect(json).toHaveLength(2);
    const lines = (await papilio('stf list --run 102363 -o jsonl')).out.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(json);
    expect(parse((await papilio('stf list --run 102363 -o yaml')).out)).toEqual(json);
    expect(parse((await papilio('stf show swf.102363.000001.stf -o yaml')).out)).toEqual(json[0]);
  });

  it('has only the fields that are named, also of what lies within, and null where there is none', async () => {
    const { out, err } = await papilio('stf list --run 102363 --json sequence,stf.state,stf.failure.code');
    expect(JSON.parse(out)).toEqual(
      [1, 2].map((sequence) => ({ sequence, 'stf.state': 'run', 'stf.failure.code': null })),
    );
    expect(err).toBe('');
    expect((await papilio('stf list --run 102363 -o csv --json sequence,isArchived')).out).toBe(
      'sequence,isArchived\r\n1,true\r\n2,true\r\n',
    );
    expect(await papilio('stf list --json a,,b')).toMatchObject({ code: 2, err: expect.stringMatching(/empty field/) });
  });

  it.each([
    'stf list --json nope',
    'stf list --run 102363 --processing failed --json id,stf.nope',
    'run list --json nope',
  ])('%s lists the fields that there are and exits with 2', async (line) => {
    const { code, out, err } = await papilio(line);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^error\[usage\]: --json: no field (stf\.)?nope; fields are .*\bid\b.*\n {2}try: --json /);
  });

  it('is CSV that every reader takes apart again, in which no cell is a formula', async () => {
    const cell = fc.oneof(
      fc.string(),
      fc.constantFrom('=1+1', '+1', '-1', '@A1', '\t=1', '\r=1', 'a"b', 'a,b', 'a\r\nb'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ a: cell, b: cell }), { minLength: 1, maxLength: 9 }), async (items) => {
        const writer = await writerOf('csv', undefined);
        const text = `${writer?.list(items).join('')}\n`;
        const [head, ...rows] = cellsOf(text.replace(/\r\n$/, ''));
        expect(head).toEqual(['a', 'b']);
        const bare = (value = '') => (/^'[=+\-@\t\r\uFF0B\uFF0D\uFF1D\uFF20]/.test(value) ? value.slice(1) : value);
        expect(rows.map(([a, b]) => ({ a: bare(a), b: bare(b) }))).toEqual(
          items.map(({ a, b }) => ({ a: bare(a), b: bare(b) })),
        );
        for (const value of rows.flat()) expect(value).not.toMatch(/^[=+\-@\t\r]/);
      }),
    );
  });

  it('keeps numbers below zero as numbers in CSV', async () => {
    const writer = await writerOf('csv', ['n']);
    expect(writer?.list([{ n: -5 }])).toEqual(['n\r\n-5\r']);
  });

  it('names a nested field in CSV as --json names it', () => {
    fc.assert(
      fc.property(
        fc.object({ maxDepth: 3, values: [fc.integer(), fc.string()], key: fc.stringMatching(/^[a-z]{1,4}$/) }),
        (item) => {
          const cells = flat(item);
          expect(
            pick(
              item,
              Object.keys(cells).filter((name) => typeof cells[name] !== 'string' || !cells[name].startsWith('[')),
            ),
          ).toEqual(
            Object.fromEntries(
              Object.entries(cells).filter(([, value]) => typeof value !== 'string' || !value.startsWith('[')),
            ),
          );
        },
      ),
    );
  });
});

describe('the words of a command line', () => {
  const cases: [string, string][] = [
    ['stf list --json', 'stf list --json'],
    ['stf list --json id', 'stf list --json=id'],
    ['stf list --json id,state --all', 'stf list --json=id,state --all'],
    ['--json id,state stf list', '--json=id,state stf list'],
    ['--json stf list', '--json= stf list'],
    ['stf show --json swf.102363.000001.stf', 'stf show --json= swf.102363.000001.stf'],
    ['stf show swf.102363.000001.stf --json name', 'stf show swf.102363.000001.stf --json=name'],
    ['stf show --json name swf.102363.000001.stf', 'stf show --json=name swf.102363.000001.stf'],
    ['exec stop --json a b', 'exec stop --json= a b'],
    ['stf list --run 102363 --json id', 'stf list --run 102363 --json=id'],
    ['exec stop a --reason because', 'exec stop a --why because'],
    ['exec stop a --reason=because', 'exec stop a --why=because'],
    ['stf list --reason x', 'stf list --reason x'],
    ['exec stop -- --reason --json a', 'exec stop -- --reason --json a'],
  ];
  it.each(cases)('%s is meant as %s', async (typed, meant) => {
    const words = typed.split(' ');
    const program = await createProgram({ out: silent, err: silent, signal: new AbortController().signal });
    expect(argumentWords(program, words)).toEqual(meant.split(' '));
  });
});

describe('a list that is watched', () => {
  it('gives programs what is new, and nothing twice', async () => {
    const story = { run: 102_364, sequence: 1, receivedMs: 9000 };
    await tellRun(api.planes.work, story.run);
    await archiveStf(api.planes.archive, { ...story, sequence: 2 });
    await api.caughtUp();
    const stop = new AbortController();
    let out = '';
    const firstCame = Promise.withResolvers<void>();
    const nextCame = Promise.withResolvers<void>();
    const watching = run(['stf', 'list', '--run', '102364', '--watch', '-o', 'jsonl', '--json', 'name', '--url', url], {
      out: {
        write: (text) => {
          out += text;
          firstCame.resolve();
          if (out.includes('000001')) nextCame.resolve();
        },
      },
      err: { write: () => undefined },
      signal: stop.signal,
    });
    await firstCame.promise;
    await archiveStf(api.planes.archive, story);
    await nextCame.promise;
    stop.abort();
    expect(await watching).toBe(130);
    const names = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).name);
    expect(names).toEqual(['swf.102364.000002.stf', 'swf.102364.000001.stf']);
  });
});

describe('a command that takes longer than it may', () => {
  it('ends with 124 and says so', async () => {
    const { code, err } = await papilio('event list --follow --timeout 0.2');
    expect({ code, err }).toEqual({ code: 124, err: expect.stringMatching(/^error\[timeout\]: .+\n {2}try: /) });
  });

  it('ends with 130 when the user stops it', async () => {
    expect(await papilio('event list', AbortSignal.abort())).toMatchObject({ code: 130 });
  });
});
