import * as z from 'zod';
import { type Engine, openEngine } from '../../local/engine/engine.ts';
import { noFunctions } from '../../local/engine/lambda-endpoint.ts';
import { aFolder } from '../builders/a-folder.ts';
import type { BenchmarkOptions, Result, Row } from './benchmark.ts';
import { createMachine } from './create-machine.ts';
import { median, quantile, rounded } from './figures.ts';

export const name = 'expressions';
export const about = 'executions alone and beside a hundred expressions that do not end, explode, or take all memory';

const rounds = 5;
const callsOfRound = 2_000;
const account = '111111111111';
const bad = [
  '($f := function($x){ $f($x + 1) }; $f(0))',
  "$match('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!', /^(a+)+$/)",
  "($x := 'xxxxxxxxxx'; $y := [1..100000].($x); $z := [1..1000].($y); $z)",
];
const badAtOnce = 100;
const settleMs = 1_500;

const _Created = z.object({ stateMachineArn: z.string() });
const Started = z.object({ executionArn: z.string() });

const tenStates = (fields: object): object => ({
  QueryLanguage: 'JSONata',
  StartAt: 'P0',
  States: Object.fromEntries(
    Array.from({ length: 10 }, (_, at) => [
      `P${at}`,
      { Type: 'Pass', ...fields, ...(at === 9 ? { End: true } : { Next: `P${at + 1}` }) },
    ]),
  ),
});

const start = async (engine: Engine, stateMachineArn: string, input: object): Promise<string> => {
  const request = { stateMachineArn, input: JSON.stringify(input) };
  return Started.parse(await engine.call('sfn', 'StartExecution', request)).executionArn;
};

/** Times of starts, one after the other: a start is answered when all ten states are over and on the disk. */
const timed = async (engine: Engine, machine: string, calls: number): Promise<number[]> => {
  const times: number[] = [];
  for (let at = 0; at < calls; at++) {
    const beganMs = performance.now();
    await start(engine, machine, { i: at });
    times.push(performance.now() - beganMs);
  }
  return times;
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** In turns: alone, then beside a hundred bad ones, which are stopped again. */
export const run = async ({ scale, say }: BenchmarkOptions): Promise<Result> => {
  using folder = aFolder();
  const engine = await openEngine({ folder: folder.path, account, invoke: noFunctions });
  const calls = Math.max(200, Math.round(callsOfRound * scale));
  const good = await createMachine(engine, 'good', tenStates({ Output: { i: '{% $states.input.i + 1 %}' } }));
  const machines = await Promise.all(
    bad.map((source, at) =>
      createMachine(engine, `bad-${at}`, { ...tenStates({ Output: `{% ${source} %}` }), TimeoutSeconds: 3600 }),
    ),
  );
  const [alone, beside]: [number[][], number[][]] = [[], []];
  await timed(engine, good, calls);
  for (let round = 1; round <= rounds; round++) {
    say(`round ${round} of ${rounds}`);
    alone.push(await timed(engine, good, calls));
    const running = await Promise.all(
      Array.from({ length: badAtOnce }, (_, at) => start(engine, machines[at % bad.length] ?? '', {})),
    );
    await pause(settleMs);
    beside.push(await timed(engine, good, calls));
    for (const executionArn of running)
      await engine.call('sfn', 'StopExecution', { executionArn }).catch(() => undefined);
    await pause(settleMs);
  }
  await engine.close();
  const at = (of: readonly number[][], share: number): number => median(of.map((times) => quantile(times, share)));
  const row = (who: string, of: readonly number[][]): Row => ({
    executions: who,
    'p50 ms': rounded(at(of, 0.5)),
    'p99 ms': rounded(at(of, 0.99)),
  });
  const ratios = alone.map((times, round) => quantile(beside[round] ?? [], 0.99) / quantile(times, 0.99));
  return {
    tables: {
      'ten states of JSONata, one execution at a time': [row('alone', alone), row(`beside ${badAtOnce}`, beside)],
    },
    bars: [
      {
        what: 'p99 beside them against alone, median of the rounds',
        measured: rounded(median(ratios)),
        unit: '×',
        atMost: 2,
      },
    ],
    notes: [
      `ratios of the rounds: ${ratios.map(rounded).join(', ')}`,
      'a third each: a tail call without end, a regular expression that explodes, a value that takes all memory',
    ],
  };
};
