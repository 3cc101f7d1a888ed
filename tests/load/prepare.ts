import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import type { Event } from '#schema/event';
import { demoRecording } from '../../local/sim/daq/demo.ts';
import { startHouse } from '../../local/supervisor/house.ts';
import { plainEnvironment } from '../builders/plain-environment.ts';
import { recordsOf } from '../e2e/records.ts';
import type { BenchmarkOptions, Result, Row } from './benchmark.ts';
import { median, rounded } from './figures.ts';

export const name = 'prepare';
export const about = 'the first STF of a run beside its tenth, in a house that is new, with and without preparation';

const runNumber = 1001;
const stfs = 12;
const tenth = 10;
/** Between the announcement of the run and its first STF, in seconds. */
const noticeS = 4;
const Line = z.looseObject({ tick: z.number(), body: z.looseObject({ msg_type: z.string() }) });
const Tally = z.object({ attempt: z.string(), event: z.string(), at: z.string() });
const Received = z.looseObject({ stfId: z.string(), receivedAt: z.string() });

const arms = ['with run_imminent', 'without'] as const;
type Arm = (typeof arms)[number];

/** A run whose STFs come some seconds after its announcement; without it, as long after the house's start. */
const recordingOf = (arm: Arm): string =>
  demoRecording(runNumber, new Date(), stfs)
    .map((text) => Line.parse(JSON.parse(text)))
    .filter(({ body }) => arm === 'with run_imminent' || body.msg_type !== 'run_imminent')
    .map((line) => (line.body.msg_type === 'run_imminent' ? line : { ...line, tick: line.tick + noticeS }))
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');

/** By sequence: from the bridge's receipt to the payload that is about to open its STF, in ms. */
const delaysOf = (archive: readonly Event[], tally: string): Map<number, number> => {
  const sequenceIn = (id: string) => Number(/-(\d{8})(?:-p1-a1)?$/.exec(id)?.[1] ?? Number.NaN);
  const received = new Map(
    archive.flatMap(({ type, data }) => {
      const found = type === 'message.received' ? Received.safeParse(data).data : undefined;
      return found ? [[sequenceIn(found.stfId), Date.parse(found.receivedAt)] as const] : [];
    }),
  );
  const lines = tally.trimEnd().split('\n');
  const started = lines.map((line) => Tally.parse(JSON.parse(line))).filter(({ event }) => event === 'started');
  return new Map(
    started.flatMap(({ attempt, at }) => {
      const sequence = sequenceIn(attempt);
      const receivedMs = received.get(sequence);
      return receivedMs === undefined ? [] : [[sequence, Date.parse(at) - receivedMs] as const];
    }),
  );
};

const play = async (arm: Arm): Promise<Map<number, number>> => {
  const scratch = mkdtempSync(join(tmpdir(), 'papilio-prepare-'));
  const [folder, recording, tally] = ['data', 'run.jsonl', 'tally'].map((one) => join(scratch, one));
  if (folder === undefined || recording === undefined || tally === undefined) throw new RangeError('no paths');
  writeFileSync(recording, recordingOf(arm));
  const environment = {
    ...plainEnvironment,
    PAPILIO_LOG_LEVEL: 'warn',
    PAPILIO_LOCAL_SLOTS: '4',
    PAPILIO_PAYLOAD_TALLY: tally,
  };
  const house = await startHouse({ port: 0, folder, environment });
  try {
    house.play(['--replay', recording, '--speed', '1', '--pace', 'tick']);
    await house.bridgeDone;
    await house.stop();
    return delaysOf(recordsOf(folder, 'archive').events, readFileSync(tally, 'utf8'));
  } finally {
    house.kill();
    rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
};

type Played = { readonly arm: Arm; readonly first: number; readonly second: number; readonly tenth: number };

const rowOf = (arm: Arm, played: readonly Played[]): Row => {
  const own = played.filter((one) => one.arm === arm);
  return {
    arm,
    'first ms': rounded(median(own.map((one) => one.first))),
    'second ms': rounded(median(own.map((one) => one.second))),
    'tenth ms': rounded(median(own.map((one) => one.tenth))),
    'first ÷ tenth': rounded(median(own.map((one) => one.first / one.tenth))),
    runs: own.length,
  };
};

/** Plays a run in new houses, in turn with and without its announcement. */
export const run = async ({ scale, say }: BenchmarkOptions): Promise<Result> => {
  const rounds = Math.max(1, Math.round(5 * scale));
  const played: Played[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const arm of round % 2 === 0 ? arms : arms.toReversed()) {
      say(`round ${round + 1} of ${rounds}, ${arm}`);
      const delays = await play(arm);
      const of = (sequence: number) => delays.get(sequence) ?? Number.NaN;
      // The tenth as the middle of three: one STF alone is the luck of the scheduler.
      const around = median([tenth - 1, tenth, tenth + 1].map(of));
      played.push({ arm, first: of(1), second: of(2), tenth: around });
    }
  }
  const ratioOf = (arm: Arm) => Number(rowOf(arm, played)['first ÷ tenth']);
  return {
    tables: { 'message → payload opens its STF, medians': arms.map((arm) => rowOf(arm, played)) },
    bars: [
      { what: 'first ÷ tenth, with run_imminent', measured: ratioOf('with run_imminent'), unit: '×', atMost: 1.2 },
    ],
    notes: [
      `each run in a new house and folder, its first STF ${noticeS + 1.6} s after run_imminent; without it first ÷ tenth is ${ratioOf('without')}`,
      'the tenth is the median of the ninth to eleventh; the payload says itself when it is about to open its file',
    ],
  };
};
