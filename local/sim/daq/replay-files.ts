import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readDaqBody } from '#schema/daq-dialects';
import type { StfFact } from '#schema/daq-message';
import { type WrittenStf, writeStf } from './generator.ts';

/** What the files of a replay are like. */
export type ReplayFiles = {
  readonly folder: string;
  readonly sizeBytes: number;
  readonly seed: number;
  readonly tfsPerStf: number;
  readonly bxPerTf: number;
};

/**
 * A recording only names its STF files, so a replay makes them, the same bytes at every replay. The message then carries
 * the file's true size and checksum; what was recorded stays beside them.
 */
export const withFile = async (body: string, files: ReplayFiles): Promise<string> => {
  const reading = readDaqBody(body);
  if (reading.dialect === 'unknown' || reading.fact.type !== 'stf_gen') return body;
  const written = await makeFile(reading.fact, files);
  const { size, checksum, ...rest }: Record<string, unknown> = JSON.parse(body);
  const recorded = { ...(size === undefined ? {} : { size }), ...(checksum === undefined ? {} : { checksum }) };
  const kept = Object.keys(recorded).length === 0 ? {} : { recorded };
  const message = { ...rest, size: written.sizeBytes, checksum: `ad:${written.checksumAdler32}`, ...kept };
  try {
    return JSON.stringify(message);
  } catch {
    // Too deep to be written again: it stays as it was recorded, and its file is judged by that.
    return body;
  }
};

const makeFile = async (fact: StfFact, { folder, ...spec }: ReplayFiles): Promise<WrittenStf> => {
  await mkdir(folder, { recursive: true });
  const { run, sequence, state = 'run', substate = 'physics' } = fact;
  return writeStf(join(folder, fact.name), { run, sequence, state, substate, ...spec, tfCount: spec.tfsPerStf });
};
