import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Frame } from '../../clients/bridge/envelope.ts';
import { readRecording } from '../../clients/bridge/recording.ts';
import { demoRecording } from '../../local/sim/daq/demo.ts';
import { withFile } from '../../local/sim/daq/replay-files.ts';
import { aFolder } from './a-folder.ts';

/** A stream of the DAQ with the files that it leaves. */
export type Stream = { readonly frames: readonly Frame[]; readonly files: ReadonlyMap<string, Uint8Array> };

const tfsPerStf = 2;
/** What a house has to be told for these streams. */
export const streamEnvironment = { PAPILIO_TFS_PER_STF: String(tfsPerStf) } as const;
/** STFs of the generated run whose payload fails, which never come, and which are not what their message says. */
export const oddStfs = {
  failing: 'swf.3001.000002.stf',
  lost: 'swf.3001.000004.stf',
  corrupt: 'swf.3001.000007.stf',
} as const;

const recordings = new URL('../fixtures/messages/', import.meta.url);
const destination = '/topic/epictopic';

const framesOf = async (recording: string, lines: number): Promise<Frame[]> => {
  const frames: Frame[] = [];
  for await (const { frame } of readRecording(fileURLToPath(new URL(recording, recordings)), 0, 'max')) {
    if (frame.body !== '') frames.push(frame);
  }
  // The first part of a long one, and its end.
  return frames.length <= lines ? frames : [...frames.slice(0, lines - 1), ...frames.slice(-1)];
};

/** A run with a standby in between, and what breaks a rule in it: told twice, in a state that cannot be, by nobody. */
const generatedRun = (): Frame[] => {
  const run = demoRecording(3001, new Date('2026-11-24T06:00:00Z'), 10).map((line) => {
    const { body } = JSON.parse(line);
    return { destination, body: JSON.stringify(body) };
  });
  const said = (fields: Readonly<Record<string, unknown>>): Frame => ({
    destination,
    body: JSON.stringify({ run_id: 3001, ...fields }),
  });
  return [
    ...run,
    said({ msg_type: 'start_run', timestamp: '2026-11-24T06:00:03.100000', simulation_tick: 3.1 }),
    said({ msg_type: 'resume_run', timestamp: '2026-11-24T06:00:02.100000', simulation_tick: 2.1 }),
    said({ msg_type: 'end_run', timestamp: '2026-11-24T06:10:00.000000', total_stf_files: 3 }),
    said({
      msg_type: 'stf_gen',
      filename: 'swf.3001.000011.stf',
      timestamp: '2026-11-24T06:00:05.000000',
      state: 'no_beam',
      substate: 'physics',
    }),
    said({ msg_type: 'coffee_ready', timestamp: '2026-11-24T06:00:05.000000' }),
  ];
};

const nameIn = (body: string): unknown => JSON.parse(body).filename;

/** What goes wrong with some of the generated run's files: a message with another checksum, a file that never comes. */
const withFaults = ({ body, ...frame }: Frame): Frame => {
  if (nameIn(body) !== oddStfs.corrupt) return { ...frame, body };
  return { ...frame, body: JSON.stringify({ ...JSON.parse(body), checksum: 'ad:00000001' }) };
};

/** The recorded streams of both dialects, and a generated run, one after the other. */
export const aStream = async (): Promise<Stream> => {
  using folder = aFolder();
  const frames = [
    ...generatedRun(),
    ...(await framesOf('stf_datataking.stf_processing_default.jsonl', 100)),
    ...(await framesOf('daqsim.schedule-rt.jsonl', 24)),
    ...(await framesOf('papilio.held.jsonl', 100)),
  ];
  const spec = { folder: folder.path, sizeBytes: 8_000, seed: 1, tfsPerStf, bxPerTf: 65_536 };
  const bodies: Frame[] = [];
  for (const frame of frames) bodies.push({ ...frame, body: await withFile(frame.body, spec) });
  const names = readdirSync(folder.path).filter((name) => name !== oddStfs.lost);
  const files = new Map(names.map((name) => [name, readFileSync(join(folder.path, name))]));
  return { frames: bodies.map(withFaults), files };
};
