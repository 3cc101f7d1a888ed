import { aFolder } from '../builders/a-folder.ts';
import type { BenchmarkOptions, Result, Row } from './benchmark.ts';
import { interleave, startContestant } from './contest.ts';
import type { Answer } from './contestant.ts';
import { median, quantile, rounded } from './figures.ts';
import { installPeer } from './peers.ts';

export const name = 'callback';
export const about = 'from the answer to a waiting execution until its caller is told, against Restate';

const rounds = { warm: 3, counted: 7 };
const settings = [
  { title: 'one at a time', inFlight: 1, perRound: 100 },
  { title: '20 in flight', inFlight: 20, perRound: 200 },
] as const;

const spansOf = (answers: readonly Answer[]): number[] => answers.flatMap((answer) => answer.spansMs);

const rowOf = (title: string, who: string, answers: readonly Answer[]): Row => ({
  setting: title,
  who,
  'p50 ms': rounded(quantile(spansOf(answers), 0.5)),
  'p99 ms': rounded(quantile(spansOf(answers), 0.99)),
});

/** Runs the pairs: an execution waits, somebody answers, and the next to be called is the caller. */
export const run = async ({ scale, say }: BenchmarkOptions): Promise<Result> => {
  const packages = await installPeer('restate', say);
  using data = aFolder();
  using peerData = aFolder();
  const ours = await startContestant('papilio', './callback-papilio.ts', [data.path]);
  const peer = await startContestant('restate', './tasks-restate.ts', [packages, peerData.path]);
  const rows: Row[] = [];
  const ratios: number[] = [];
  try {
    for (const { title, inFlight, perRound } of settings) {
      say(`${title}: ${rounds.warm} warm rounds and ${rounds.counted} counted ones`);
      const order = { kind: 'callback', inFlight, count: Math.max(inFlight, Math.round(perRound * scale)) };
      const entries = [ours, peer].map((contestant) => ({ contestant, order }));
      const [ourAnswers = [], peerAnswers = []] = await interleave(entries, rounds);
      rows.push(rowOf(title, 'papilio', ourAnswers), rowOf(title, 'restate', peerAnswers));
      ratios.push(
        median(peerAnswers.map((answer, at) => median(answer.spansMs) / median(ourAnswers[at]?.spansMs ?? []))),
      );
    }
  } finally {
    await Promise.all([ours.stop(), peer.stop()]);
  }
  const p50 = Number(rows[0]?.['p50 ms']);
  return {
    tables: { 'answer sent to caller told': rows },
    bars: [
      { what: 'p50 from the answer to the caller, one at a time', measured: p50, unit: 'ms', atMost: 1 },
      {
        what: `Restate's p50 as a multiple, one at a time, median of ${rounds.counted} pairs`,
        measured: rounded(ratios[0] ?? 0),
        unit: '×',
        atLeast: 1,
      },
    ],
    notes: [
      'from the call of SendTaskSuccess; the caller is told by the function of the next state, which is called when the answer is durable',
      'papilio is embedded: function and caller share the engine’s process; Restate has a server, reached over loopback',
    ],
  };
};
