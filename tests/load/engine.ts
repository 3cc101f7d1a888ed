import { isDeepStrictEqual } from 'node:util';
import { aFolder } from '../builders/a-folder.ts';
import type { Bar, BenchmarkOptions, Result, Row } from './benchmark.ts';
import { type Contestant, interleave, startContestant } from './contest.ts';
import type { Answer, Order } from './contestant.ts';
import { median, rounded } from './figures.ts';
import { installPeer } from './peers.ts';

export const name = 'engine';
export const about =
  'executions of a 10-Pass machine: the durable engine against npm aws-local-stepfunctions in memory';

const warm = 10;
const counted = 11;
const oursInFlight = 256;
const inputs = {
  i: { title: '{i}', perRound: 10_000, bar: 1, stretch: 2 },
  fifty: { title: '50 objects', perRound: 2_000, bar: 2, stretch: 2 },
} as const;
type Kind = keyof typeof inputs;

const rates = (answers: readonly Answer[], count: number): number[] =>
  answers.map(({ wallMs }) => (count / wallMs) * 1000);

const rowOf = (who: string, order: Order, answers: readonly Answer[]): Row => ({
  input: order.kind in inputs ? inputs[order.kind === 'i' ? 'i' : 'fifty'].title : order.kind,
  who,
  'in flight': order.inFlight,
  'executions/s': rounded(median(rates(answers, order.count))),
  'CPU µs each': rounded(median(answers.map(({ cpuMs }) => (cpuMs / order.count) * 1000))),
});

/** How many executions at a time the peer likes best: found out while it warms up. */
const bestInFlight = async (peer: Contestant, kind: Kind, count: number): Promise<number> => {
  let best = { inFlight: 1, wallMs: Number.POSITIVE_INFINITY };
  for (const inFlight of [1, 16, 256, 1, 16, 256]) {
    const { wallMs } = await peer.round({ kind, count, inFlight });
    if (wallMs < best.wallMs) best = { inFlight, wallMs };
  }
  return best.inFlight;
};

const parsed = (outputs: readonly string[]): unknown[] => outputs.map((text): unknown => JSON.parse(text));

const compare = async (ours: Contestant, peer: Contestant, kind: Kind, scale: number) => {
  const { title, perRound, bar, stretch } = inputs[kind];
  const count = Math.max(200, Math.round(perRound * scale));
  const oursOrder = { kind, count, inFlight: oursInFlight };
  const peerOrder = { kind, count, inFlight: await bestInFlight(peer, kind, count) };
  const entries = [
    { contestant: ours, order: oursOrder },
    { contestant: peer, order: peerOrder },
  ];
  const [oursAnswers = [], peerAnswers = []] = await interleave(entries, { warm, counted });
  for (const [at, answer] of oursAnswers.entries()) {
    if (!isDeepStrictEqual(parsed(answer.outputs), parsed(peerAnswers[at]?.outputs ?? []))) {
      throw new Error(`the outputs differ, input ${title}`);
    }
  }
  const peerRates = rates(peerAnswers, count);
  const ratios = rates(oursAnswers, count).map((rate, at) => rate / (peerRates[at] ?? Number.NaN));
  const what = `rate as a multiple of the warm peer's, input ${title}, median of ${counted} pairs`;
  const measured = rounded(median(ratios));
  const bars: Bar[] = [
    { what, measured, unit: '×', atLeast: bar },
    ...(stretch > bar ? [{ what, measured, unit: '×', atLeast: stretch, isStretch: true }] : []),
  ];
  const cpuRatio = rounded(
    median(peerAnswers.map(({ cpuMs }) => cpuMs)) / median(oursAnswers.map(({ cpuMs }) => cpuMs)),
  );
  const note = `input ${title}: the peer takes ${cpuRatio} × the CPU of papilio, threads for syncing and compaction included`;
  return { note, rows: [rowOf('papilio', oursOrder, oursAnswers), rowOf('aws-local', peerOrder, peerAnswers)], bars };
};

/** What a start costs more when it comes through the AWS SDK. */
const sdkCost = async (ours: Contestant, scale: number): Promise<Row[]> => {
  const count = Math.max(200, Math.round(3000 * scale));
  const entries = ['i', 'sdk-i'].map((kind) => ({ contestant: ours, order: { kind, count, inFlight: oursInFlight } }));
  const answers = await interleave(entries, { warm: 5, counted: 7 });
  return entries.map(({ order }, at) => ({
    ...rowOf('papilio', order, answers[at] ?? []),
    input: '{i}',
    through: order.kind === 'i' ? "the engine's own call" : 'client-sfn, request handler in process',
  }));
};

/** Runs the pairs: both contestants in processes of their own, taking turns. */
export const run = async ({ scale, say }: BenchmarkOptions): Promise<Result> => {
  const folder = await installPeer('aws-local', say);
  using data = aFolder();
  const ours = await startContestant('papilio', './engine-papilio.ts', [data.path]);
  const peer = await startContestant('aws-local', './engine-aws-local.ts', [folder]);
  try {
    const rows: Row[] = [];
    const bars: Bar[] = [];
    const notes: string[] = [];
    for (const kind of ['i', 'fifty'] as const) {
      say(`input ${inputs[kind].title}: ${warm} warm rounds and ${counted} counted ones`);
      const found = await compare(ours, peer, kind, scale);
      rows.push(...found.rows);
      bars.push(...found.bars);
      notes.push(found.note);
    }
    say('the same starts through the AWS SDK');
    const sdk = await sdkCost(ours, scale);
    return {
      tables: { 'executions of ten Pass states (median)': rows, 'what the SDK costs': sdk },
      bars,
      notes: [
        ...notes,
        'papilio is durable: a start is answered when its record is synced; aws-local keeps nothing',
        'of every hundredth execution papilio reads the whole history (22 events) within the run; its output equals the peer’s',
        'papilio takes and gives text, as the AWS interface does: making it is in its time',
      ],
    };
  } finally {
    await Promise.all([ours.stop(), peer.stop()]);
  }
};
