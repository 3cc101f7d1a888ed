import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import type { Event } from '#schema/event';
import { demoRecording } from '../../local/sim/daq/demo.ts';
import { type House, type HouseOptions, startHouse } from '../../local/supervisor/house.ts';
import { plainEnvironment } from '../builders/plain-environment.ts';
import { recordsOf } from '../e2e/records.ts';

/** A run of our own making, played through a house of its own. */
export type Replay = {
  readonly stfs: number;
  /** So many of them come first and four times as fast: a house in service has its code compiled. */
  readonly warmStfs?: number;
  /** 1 is the pace of one echelon's share, 1.67 STF/s. */
  readonly speed: number;
  readonly house?: Partial<HouseOptions>;
  /** Called when the house is up, before the first message. */
  readonly before?: (house: House) => Promise<void>;
  /** Called when all messages are in the queues, before the house is stopped. */
  readonly after?: (house: House) => Promise<void>;
};

/** What is left of a replay. */
export type Replayed = {
  readonly archive: readonly Event[];
  readonly work: readonly Event[];
  readonly endedAt: string;
};

const run = 1001;
const warmSpeed = 4;
const Line = z.looseObject({ tick: z.number() });

const recordingOf = (stfs: number, warmStfs: number): string[] => {
  const lines = demoRecording(run, new Date(), stfs).map((text) => Line.parse(JSON.parse(text)));
  const warmTick = lines[warmStfs]?.tick ?? 0;
  const paced = ({ tick }: z.infer<typeof Line>): number =>
    tick < warmTick ? tick / warmSpeed : tick - warmTick + warmTick / warmSpeed;
  return lines.map((line) => JSON.stringify({ ...line, tick: paced(line) }));
};

/** Plays the run at its pace, and gives what `read` finds before the house is stopped. */
export const playThrough = async <T>(
  { stfs, warmStfs = 0, speed, house: options, before }: Omit<Replay, 'after'>,
  read: (house: House, endedAt: string) => Promise<T>,
): Promise<T> => {
  const scratch = mkdtempSync(join(tmpdir(), 'papilio-bench-'));
  const folder = join(scratch, 'data');
  const recording = join(scratch, 'run.jsonl');
  writeFileSync(recording, `${recordingOf(stfs, warmStfs).join('\n')}\n`);
  const environment = { ...plainEnvironment, PAPILIO_LOG_LEVEL: 'warn', ...options?.environment };
  const house = await startHouse({ port: 0, ...options, folder, environment });
  try {
    await before?.(house);
    house.play(['--replay', recording, '--speed', String(speed), '--pace', 'tick']);
    await house.bridgeDone;
    return await read(house, new Date().toISOString());
  } finally {
    await house.stop();
    rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
};

/** Plays the run at its pace and gives both event logs, as they lie on the disk. */
export const replay = ({ after, ...pace }: Replay): Promise<Replayed> =>
  playThrough(pace, async (house, endedAt) => {
    await after?.(house);
    const [archive, work] = [recordsOf(house.folder, 'archive'), recordsOf(house.folder, 'work')];
    return { archive: archive.events, work: work.events, endedAt };
  });
