import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { readDaqBody } from '#schema/daq-dialects';
import type { StfFact } from '#schema/daq-message';
import { type Fault, Sim, spoil, spoilsFile } from './faults.ts';
import { type WrittenStf, writeStf } from './generator.ts';
import { fillOf, regimeOf } from './generator-detectors.ts';

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
 * the file's true size and checksum; what was recorded stays beside them. Simulated messages say in `sim` what their file
 * is like, faults included; it is taken off here.
 */
export const withFile = async (body: string, files: ReplayFiles): Promise<string> => {
  const reading = readDaqBody(body);
  if (reading.dialect === 'unknown' || reading.fact.type !== 'stf_gen') return body;
  const { size, checksum, sim, ...rest }: Record<string, unknown> = JSON.parse(body);
  const asked = Sim.safeParse(sim).data;
  const written = await makeFile(reading.fact, files, asked);
  const others = asked === undefined && sim !== undefined ? { ...rest, sim } : rest;
  const recorded = { ...(size === undefined ? {} : { size }), ...(checksum === undefined ? {} : { checksum }) };
  const kept = Object.keys(recorded).length === 0 ? {} : { recorded };
  const message = { ...others, ...toldOf(written, asked?.fault), ...kept };
  try {
    return JSON.stringify(message);
  } catch {
    // Too deep to be written again: it stays as it was recorded, and its file is judged by that.
    return body;
  }
};

/** What a message says of its file. */
const toldOf = ({ sizeBytes, checksumAdler32 }: WrittenStf, fault: Fault | undefined) => {
  if (fault?.kind === 'hidden-bit') return {};
  const other = checksumAdler32 === '00000000' ? 'ffffffff' : '00000000';
  return { size: sizeBytes, checksum: `ad:${fault?.kind === 'wrong-checksum' ? other : checksumAdler32}` };
};

const makeFile = async (
  fact: StfFact,
  { folder, ...files }: ReplayFiles,
  sim: Sim | undefined,
): Promise<WrittenStf> => {
  await mkdir(folder, { recursive: true });
  const { run, state = 'run', substate = 'physics' } = fact;
  const fault = sim?.fault;
  const spec = {
    ...files,
    run,
    sequence: fact.sequence + (fault?.kind === 'wrong-name' ? 1 : 0),
    seed: sim?.seed ?? files.seed,
    state,
    substate,
    tfCount: files.tfsPerStf,
    ...(sim === undefined ? {} : { fill: fillOf(regimeOf(state, substate)) }),
    ...(fault?.kind === 'missing-tf' ? { missing: fault.tfs } : {}),
  };
  const path = join(folder, fact.name);
  if (!spoilsFile(fault)) return writeStf(path, spec);
  // Spoiled under another name: who looks at the name never sees it sound.
  const written = await writeStf(`${path}.sim`, spec);
  await spoil(written.path, fault);
  await rename(written.path, path);
  return { ...written, path };
};
