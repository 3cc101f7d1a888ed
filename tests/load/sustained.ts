import * as z from 'zod';
import { aFolder } from '../builders/a-folder.ts';
import type { BenchmarkOptions, Result } from './benchmark.ts';
import { startContestant } from './contest.ts';
import { quantile, rounded } from './figures.ts';

export const name = 'sustained';
export const about = 'twice 6.25 STF/s of a machine of twelve states, a minute long, with compactions';

const rateHz = 12.5;
const minuteS = 60;
/** Executions that have ended and are in every snapshot. */
const remembered = 50_000;
const Found = z.object({
  grownBytes: z.number(),
  compactions: z.number(),
  loopP99Ms: z.number(),
  loopMostMs: z.number(),
});

/** Fills the memory, then starts executions at a steady rate for a minute times the scale. */
export const run = async ({ scale, say }: BenchmarkOptions): Promise<Result> => {
  using folder = aFolder();
  const engine = await startContestant('papilio', './sustained-papilio.ts', [folder.path, String(rateHz)]);
  try {
    say(`${remembered} executions to remember`);
    await engine.round({ kind: 'remember', count: remembered, inFlight: 256 });
    await engine.round({ kind: 'stf', count: Math.round(rateHz * 5), inFlight: 1 });
    const count = Math.max(50, Math.round(rateHz * minuteS * scale));
    say(`${count} executions at ${rateHz}/s`);
    const { wallMs, cpuMs, spansMs, outputs } = await engine.round({ kind: 'stf', count, inFlight: 1 });
    const found = Found.parse(JSON.parse(outputs[0] ?? '{}'));
    const row = {
      executions: count,
      minutes: rounded(wallMs / minuteS / 1000),
      'p50 ms': rounded(quantile(spansMs, 0.5)),
      'p99 ms': rounded(quantile(spansMs, 0.99)),
      'journal kB each': rounded(found.grownBytes / count / 1000),
      'segments compacted': found.compactions,
      'loop p99 ms': rounded(found.loopP99Ms),
      'loop most ms': rounded(found.loopMostMs),
      'CPU cores': rounded(cpuMs / wallMs),
    };
    return {
      tables: { [`an STF's machine at ${rateHz}/s`]: [row] },
      bars: [{ what: 'longest pause of the loop', measured: row['loop most ms'], unit: 'ms', atMost: 50 }],
      notes: [
        'an execution has five functions, a Map, two branches and a callback of 20 ms; its time ends with its last function',
        `the engine remembers ${remembered} executions that have ended, and seals segments of 2 MB so that compactions happen`,
        'the pause of the loop is that of all of the process: collections of garbage and what else the machine does with it',
      ],
    };
  } finally {
    await engine.stop();
  }
};
