import { diagnose } from '../../local/stepfunctions/validation/validate.ts';
import { functionArn } from '../builders/a-states-part.ts';
import type { BenchmarkOptions, Result, Row } from './benchmark.ts';
import { median, rounded } from './figures.ts';

export const name = 'definitions';
export const about = 'a state machine of 10,000 states looked through and compiled, against JSON.parse of its text';

const states = 10_000;
const rounds = 7;

/** States of several kinds, one after the other; the kind of a state is that of its number. */
const KINDS: readonly ((next: string) => object)[] = [
  (Next) => ({ Type: 'Pass', Parameters: { k: 'v', 'a.$': '$.a', 'b.$': "States.Format('{}-{}', $.a, $.b)" }, Next }),
  (Next) => ({ Type: 'Wait', SecondsPath: '$.s', Next }),
  (Next) => ({ Type: 'Choice', Choices: [{ Variable: '$.a', NumericLessThan: 1, Next }], Default: Next }),
  (Next) => ({
    Type: 'Task',
    Resource: functionArn('f'),
    TimeoutSeconds: 60,
    Retry: [{ ErrorEquals: ['Transient'], MaxAttempts: 4, JitterStrategy: 'FULL' }],
    Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next }],
    ResultPath: '$.result',
    Next,
  }),
];
const inJsonata = (Next: string): object => ({ Type: 'Pass', Output: { a: '{% $states.input.a + 1 %}' }, Next });

/** The text of a machine; `mark` makes it another one, for a text is compiled once only. */
const textOf = (count: number, kind: (at: number) => (next: string) => object, more: object, mark: number): string => {
  const chain = Array.from({ length: count }, (_, at) => [`S${at}`, kind(at)(`S${at + 1}`)]);
  const all = Object.fromEntries([...chain, [`S${count}`, { Type: 'Succeed' }]]);
  return JSON.stringify({ Comment: String(mark), ...more, StartAt: 'S0', States: all });
};

const millisecondsOf = (work: () => void): number => {
  const startedMs = performance.now();
  work();
  return performance.now() - startedMs;
};

const mixed = (at: number) => KINDS[at % KINDS.length] ?? inJsonata;

/** Compiles machines of both query languages, each time from another text. */
export const run = async ({ scale, say }: BenchmarkOptions): Promise<Result> => {
  const count = Math.max(100, Math.round(states * scale));
  const machines = [
    { language: 'JSONPath', kind: mixed, more: {} },
    { language: 'JSONata', kind: () => inJsonata, more: { QueryLanguage: 'JSONata' } },
  ];
  const rows = machines.map(({ language, kind, more }): Row & { readonly ms: number } => {
    say(`compiles ${count} states in ${language}`);
    const parsedMs: number[] = [];
    const compiledMs: number[] = [];
    let sizeBytes = 0;
    // Round 0 warms up and is thrown away.
    for (let round = 0; round <= rounds; round++) {
      const text = textOf(count, kind, more, round);
      sizeBytes = text.length;
      const parsed = millisecondsOf(() => JSON.parse(text));
      const compiled = millisecondsOf(() => {
        const [error] = diagnose(text);
        if (error) throw new Error(`the definition of the benchmark is refused: ${error.message}`);
      });
      if (round > 0) {
        parsedMs.push(parsed);
        compiledMs.push(compiled);
      }
    }
    const ms = median(compiledMs);
    return { language, kB: Math.round(sizeBytes / 1000), ms: rounded(ms), 'JSON.parse, ms': rounded(median(parsedMs)) };
  });
  return {
    tables: { [`${count} states, medians of ${rounds}`]: rows },
    bars: rows.map(({ language, ms }) => ({
      what: `${count} states in ${language}`,
      measured: ms,
      unit: 'ms',
      atMost: 1000,
    })),
    notes: ['each round has a text of its own: a text that is known is not compiled again'],
  };
};
