/**
 * The payload that processes one STF: reads every hit, checks every TF and the file as a whole, and leaves histograms.
 *
 *     cd JOB-FOLDER && node hits.ts      reads job.json, writes its output; exit codes in job-file.ts
 */
import { type Checksums, createChecksums, type Digest } from '#lib/model/checksum';
import { parseStfName } from '#lib/model/stf-name';
import { bxRangeOf, hullOf, missingIn } from '#lib/model/tf-range';
import type { TfRange } from '#schema/tf';
import { openStf, StfCorrupt, type StfReader } from '../daq/reader.ts';
import { createTally } from '../daq/spectrum.ts';
import type { HitsFile } from './hits-file.ts';
import { EXIT, type JobFile, type JobInput, PayloadError, say, writeOutput } from './job-file.ts';
import { openInput } from './open-input.ts';
import { runPayload } from './run.ts';

const PROGRESS_MS = 2000;

async function fillHistograms(job: JobFile): Promise<void> {
  const [input] = job.inputs;
  if (input === undefined || job.inputs.length > 1) throw new PayloadError(EXIT.badJob, 'job.json has not one input');
  await using reader = await openInput(input, openStf);
  checkBefore(input, reader);
  const { header, span, missing } = reader;
  const tfs = hullOf(span);
  say(`${input.name}: ${reader.sizeBytes} bytes, ${reader.tfCount} TFs, ${header.state}/${header.substate}`);
  const checksums = createChecksums();
  const detectors = await readHits(reader, checksums);
  checkAfter(input, checksums.digest());
  const hits = Object.values(detectors).reduce((sum, detector) => sum + detector.hits, 0);
  const { bxFirst, bxEnd } = bxRangeOf(tfs, header.bxPerTf);
  await writeOutput(job.output, {
    run: header.run,
    sequence: header.sequence,
    tfFirst: String(tfs.tfFirst),
    tfEnd: String(tfs.tfEnd),
    bxFirst: String(bxFirst),
    bxEnd: String(bxEnd),
    tfCount: reader.tfCount,
    tfRanges: missingIn(span, missing).map(decimals),
    tfsMissing: missing.map(decimals),
    hits,
    detectors,
  } satisfies HitsFile);
  if (missing.length > 0) say(`${header.tfCount - reader.tfCount} TFs are missing: ${missing.map(shown).join(', ')}`);
  say(`${hits} hits`);
}

async function readHits(reader: StfReader, checksums: Checksums): Promise<HitsFile['detectors']> {
  const tally = createTally(reader.header.detectors);
  const tfs = hullOf(reader.span);
  let sayAtMs = performance.now() + PROGRESS_MS;
  for await (const { tf, sections } of reader.readAll(checksums)) {
    tally.add(sections);
    if (performance.now() < sayAtMs) continue;
    sayAtMs = performance.now() + PROGRESS_MS;
    say(`up to ${tf} of ${tfs.tfFirst} to ${tfs.tfEnd - 1n}`);
  }
  return tally.spectra();
}

function decimals({ tfFirst, tfEnd }: TfRange): { tfFirst: string; tfEnd: string } {
  return { tfFirst: String(tfFirst), tfEnd: String(tfEnd) };
}

function shown({ tfFirst, tfEnd }: TfRange): string {
  return tfEnd - tfFirst === 1n ? String(tfFirst) : `${tfFirst} to ${tfEnd - 1n}`;
}

function checkBefore(input: JobInput, reader: StfReader): void {
  const { run, sequence } = reader.header;
  const named = parseStfName(input.name);
  if (named !== undefined && (named.run !== run || named.sequence !== sequence)) {
    throw new StfCorrupt(input.name, `the file says it is run ${run}, sequence ${sequence}`);
  }
  if (input.sizeBytes !== undefined && input.sizeBytes !== reader.sizeBytes) {
    throw new StfCorrupt(input.name, `it has ${reader.sizeBytes} bytes, not ${input.sizeBytes}`);
  }
}

function checkAfter(input: JobInput, { adler32 }: Digest): void {
  if (input.checksumAdler32 === undefined || input.checksumAdler32 === adler32) return;
  throw new StfCorrupt(input.name, `its Adler-32 is ${adler32}, not ${input.checksumAdler32}`);
}

await runPayload(fillHistograms);
