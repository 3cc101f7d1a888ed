import { aFolder } from '../builders/a-folder.ts';
import type { Bar, BenchmarkOptions, Result, Row } from './benchmark.ts';
import { interleave, startContestant } from './contest.ts';
import type { Answer, Order } from './contestant.ts';
import { median, quantile, rounded } from './figures.ts';
import { installPeer } from './peers.ts';

export const name = 'tasks';
export const about = '10 Task states, each result durable before the next starts, against Restate';

const rounds = { warm: 3, counted: 7 };
/** Executions a round: a second or less for Restate. */
const settings = [
  { title: '100 in flight', inFlight: 100, perRound: 400 },
  { title: 'one at a time', inFlight: 1, perRound: 60 },
] as const;

const rowOf = (title: string, who: string, order: Order, answers: readonly Answer[]): Row => {
  const spansMs = answers.flatMap((answer) => answer.spansMs);
  return {
    setting: title,
    who,
    'executions/s': rounded(median(answers.map(({ wallMs }) => (order.count / wallMs) * 1000))),
    'p50 ms': rounded(quantile(spansMs, 0.5)),
    'p99 ms': rounded(quantile(spansMs, 0.99)),
    'CPU ms each': rounded(median(answers.map(({ cpuMs }) => cpuMs / order.count))),
  };
};

const ratioOf = (ours: readonly Answer[], peer: readonly Answer[], ourCount: number, peerCount: number): number =>
  rounded(median(ours.map(({ wallMs }, at) => ourCount / wallMs / (peerCount / (peer[at]?.wallMs ?? Number.NaN)))));

/** Runs both contestants in turns; each keeps what it must on a folder of its own on the same disk. */
export const run = async ({ scale, say }: BenchmarkOptions): Promise<Result> => {
  const packages = await installPeer('restate', say);
  using ourFolder = aFolder();
  using peerFolder = aFolder();
  const ours = await startContestant('papilio', './tasks-papilio.ts', [ourFolder.path]);
  const peer = await startContestant('restate', './tasks-restate.ts', [packages, peerFolder.path]);
  const rows: Row[] = [];
  const bars: Bar[] = [];
  try {
    for (const { title, inFlight, perRound } of settings) {
      say(`${title}: ${rounds.warm} warm rounds and ${rounds.counted} counted ones`);
      const peerOrder = { kind: 'tasks', inFlight, count: Math.max(inFlight, Math.round(perRound * scale)) };
      const ourOrder = { ...peerOrder, count: peerOrder.count * 5 };
      const entries = [
        { contestant: ours, order: ourOrder },
        { contestant: peer, order: peerOrder },
      ];
      const [ourAnswers = [], peerAnswers = []] = await interleave(entries, rounds);
      rows.push(rowOf(title, 'papilio', ourOrder, ourAnswers), rowOf(title, 'restate', peerOrder, peerAnswers));
      const measured = ratioOf(ourAnswers, peerAnswers, ourOrder.count, peerOrder.count);
      const what = `rate as a multiple of Restate's, ${title}, median of ${rounds.counted} pairs`;
      bars.push({ what, measured, unit: '×', atLeast: 5 }, { what, measured, unit: '×', atLeast: 10, isStretch: true });
      if (inFlight > 1) continue;
      const spansMs = ourAnswers.flatMap((answer) => answer.spansMs);
      for (const [share, atMost] of [
        [0.5, 3],
        [0.99, 10],
      ] as const) {
        const measured = rounded(quantile(spansMs, share));
        bars.push({ what: `p${share * 100} of an execution, ${title}`, measured, unit: 'ms', atMost });
      }
    }
  } finally {
    await Promise.all([ours.stop(), peer.stop()]);
  }
  return {
    tables: { 'executions of ten Task states': rows },
    bars,
    notes: [
      'papilio runs an eleventh Task, which tells the caller once ten results are durable; Restate answers its caller',
      'papilio is embedded: function and caller share the engine’s process; Restate has a server, reached over loopback',
      'the CPU of Restate is that of its server and of the process with service and caller',
    ],
  };
};
