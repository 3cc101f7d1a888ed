/**
 * The payload that ends a run: adds up the histograms of its STFs and says which TFs they cover and which are missing.
 *
 *     cd JOB-FOLDER && node merge.ts     reads job.json, writes its output; exit codes in job-file.ts
 */
import { readFile } from 'node:fs/promises';
import { createChecksums } from '#lib/model/checksum';
import { coverageOf } from '#lib/model/tf-range';
import type { TfRange } from '#schema/tf';
import { addSpectra } from '../daq/spectrum.ts';
import { HitsFile } from './hits-file.ts';
import { EXIT, type JobFile, type JobInput, PayloadError, say, writeOutput } from './job-file.ts';
import { openInput } from './open-input.ts';
import { runPayload } from './run.ts';

async function mergeHits(job: JobFile): Promise<void> {
  if (job.inputs.length === 0) throw new PayloadError(EXIT.badJob, 'job.json has no inputs');
  const parts: HitsFile[] = [];
  for (const input of job.inputs) parts.push(await readHits(input));
  const run = runOf(job.inputs, parts);
  const { ranges, gaps, overlaps } = coverageOf(parts.flatMap(rangesOf));
  if (overlaps.length > 0) throw corrupt(`TFs are in two inputs: ${JSON.stringify(overlaps.map(decimals))}`);
  const merged = {
    run,
    inputs: job.inputs.map(({ name }) => name),
    tfFirst: String(ranges[0]?.tfFirst ?? 0n),
    tfEnd: String(ranges.at(-1)?.tfEnd ?? 0n),
    tfCount: parts.reduce((sum, part) => sum + part.tfCount, 0),
    hits: parts.reduce((sum, part) => sum + part.hits, 0),
    ranges: ranges.map(decimals),
    gaps: gaps.map(decimals),
    detectors: addSpectra(parts.map(({ detectors }) => detectors)),
  };
  await writeOutput(job.output, merged);
  say(`run ${run}: ${parts.length} inputs, ${merged.tfCount} TFs, ${gaps.length} gaps, ${merged.hits} hits`);
}

async function readHits(input: JobInput): Promise<HitsFile> {
  const bytes = await openInput(input, (path) => readFile(path));
  const checksums = createChecksums();
  checksums.update(bytes);
  const { adler32, sizeBytes } = checksums.digest();
  if (sizeBytes !== (input.sizeBytes ?? sizeBytes) || adler32 !== (input.checksumAdler32 ?? adler32)) {
    throw corrupt(`${input.name} has ${sizeBytes} bytes with Adler-32 ${adler32}`);
  }
  return hitsOf(input, bytes.toString());
}

function hitsOf(input: JobInput, text: string): HitsFile {
  try {
    return HitsFile.parse(JSON.parse(text));
  } catch (error) {
    throw corrupt(`${input.name} is no file of hits: ${error instanceof Error ? error.message : error}`);
  }
}

function runOf(inputs: readonly JobInput[], parts: readonly HitsFile[]): number {
  const run = parts[0]?.run ?? 0;
  const at = parts.findIndex((part) => part.run !== run);
  if (at === -1) return run;
  throw corrupt(`${inputs[at]?.name} is of run ${parts[at]?.run}, not ${run}`);
}

function rangesOf({ tfRanges }: HitsFile): TfRange[] {
  return tfRanges.map(({ tfFirst, tfEnd }) => ({ tfFirst: BigInt(tfFirst), tfEnd: BigInt(tfEnd) }));
}

function decimals({ tfFirst, tfEnd }: TfRange): { tfFirst: string; tfEnd: string } {
  return { tfFirst: String(tfFirst), tfEnd: String(tfEnd) };
}

function corrupt(problem: string): PayloadError {
  return new PayloadError(EXIT.corruptInput, problem);
}

await runPayload(mergeHits);
