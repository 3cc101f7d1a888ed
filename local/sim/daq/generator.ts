/**
 * Makes STF files as the DAQ would leave them, and says what is in them. Run, sequence and seed decide every byte;
 * memory stays at one buffer whatever the size.
 */
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createChecksums, type Digest } from '#lib/model/checksum';
import { encodeHeader, encodeTail, HIT_WORDS, type TfEntry } from '#lib/model/stf-container';
import { encodeTfHead, sealTf, tfBytesOf } from '#lib/model/stf-container-tf';
import { stfName } from '#lib/model/stf-name';
import type { BxRange, TfRange } from '#schema/tf';
import { DETECTORS } from './generator-detectors.ts';
import { drawHits } from './generator-hits.ts';
import { headOfTf, planOf, type StfPlan, type StfSpec } from './generator-plan.ts';
import { createTally, type Spectra } from './spectrum.ts';

export type { StfSpec } from './generator-plan.ts';

/** A file as written. */
export type WrittenStf = TfRange &
  BxRange & {
    readonly path: string;
    readonly name: string;
    readonly sizeBytes: number;
    readonly checksumAdler32: string;
    readonly checksumCrc32c: string;
  };

/** What is in a file, known without reading it. */
export type StfTruth = TfRange & {
  readonly tfCount: number;
  readonly hits: number;
  readonly detectors: Spectra;
  /** What a calibration shall find, where test pulses make the hits. Charges are ADC values. */
  readonly calibration?: Readonly<Record<string, { readonly pedestal: number; readonly gain: number }>>;
};

const WRITE_BYTES = 4 * 1024 * 1024;

/** Writes an STF: under another name first, synced, then renamed, so the name never shows half a file. */
export async function writeStf(path: string, spec: StfSpec): Promise<WrittenStf> {
  const plan = planOf(spec);
  const partPath = `${path}.part`;
  try {
    const { adler32, crc32c, sizeBytes } = await writePieces(partPath, plan);
    await rename(partPath, path);
    await syncFolder(dirname(path));
    const written = { path, name: stfName(spec), sizeBytes, checksumAdler32: adler32, checksumCrc32c: crc32c };
    return { ...written, ...plan.tfs, ...plan.bxs };
  } catch (error) {
    await rm(partPath, { force: true });
    throw error;
  }
}

async function writePieces(path: string, plan: StfPlan): Promise<Digest> {
  const checksums = createChecksums();
  await using file = await open(path, 'w');
  for (const bytes of piecesOf(plan)) {
    checksums.update(bytes);
    await file.writeFile(bytes);
  }
  await file.sync();
  return checksums.digest();
}

/** The exact histograms of an STF, by drawing its hits again. */
export function truthOf(spec: StfSpec): StfTruth {
  const plan = planOf(spec);
  const tally = createTally(plan.header.detectors);
  let hits = 0;
  for (const index of plan.places) {
    const head = headOfTf(plan, index);
    hits += head.hits;
    const sections = head.counts.map((count) => ({
      ...count,
      words: new Uint32Array(count.hits * HIT_WORDS),
    }));
    drawHits(plan, index, sections);
    tally.add(sections);
  }
  const truth = { ...plan.tfs, tfCount: plan.places.length, hits, detectors: tally.spectra() };
  return plan.regime === 'pulser' ? { ...truth, calibration } : truth;
}

const calibration = Object.fromEntries(DETECTORS.map(({ name, pedestal, gain }) => [name, { pedestal, gain }]));

/** The file in pieces; a piece is good until the next is asked for. */
function* piecesOf(plan: StfPlan): Generator<Buffer> {
  const header = encodeHeader(plan.header);
  yield header;
  const entries: TfEntry[] = [];
  let buffer = Buffer.allocUnsafeSlow(WRITE_BYTES);
  let filledBytes = 0;
  let offsetBytes = header.length;
  for (const index of plan.places) {
    const head = headOfTf(plan, index);
    const sizeBytes = tfBytesOf(head.counts.length, head.hits);
    if (filledBytes + sizeBytes > buffer.length) {
      yield buffer.subarray(0, filledBytes);
      filledBytes = 0;
      if (sizeBytes > buffer.length) buffer = Buffer.allocUnsafeSlow(sizeBytes);
    }
    const bytes = buffer.subarray(filledBytes, filledBytes + sizeBytes);
    drawHits(plan, index, encodeTfHead(bytes, head));
    const { tf, bxFirst, bxCount } = head;
    entries.push({ tf, bxFirst, bxCount, offsetBytes, sizeBytes, crc32c: sealTf(bytes) });
    filledBytes += sizeBytes;
    offsetBytes += sizeBytes;
  }
  yield buffer.subarray(0, filledBytes);
  yield encodeTail(entries, offsetBytes);
}

// A rename is on the medium when its folder is.
async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}
