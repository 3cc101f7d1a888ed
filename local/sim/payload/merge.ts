/**
 * The payload that ends a run: adds up the histograms of its STFs, one at a time, with the TFs that they cover and that are
 * missing.
 *
 *     cd JOB-FOLDER && node merge.ts     reads job.json, writes its output; exit codes in job-file.ts
 */
import { readFile } from 'node:fs/promises';
import { createChecksums } from '#lib/model/checksum';
import { HitsFile } from './hits-file.ts';
import { inputsOf } from './input-list.ts';
import { EXIT, type JobFile, type JobInput, PayloadError, say, writeOutput } from './job-file.ts';
import { createMergeSum } from './merge-sum.ts';
import { openInput } from './open-input.ts';
import { runPayload } from './run.ts';

async function mergeHits(job: JobFile): Promise<void> {
  const names: string[] = [];
  const sum = createMergeSum();
  for await (const input of inputsOf(job)) {
    sum.add(input.name, await readHits(input));
    names.push(input.name);
  }
  if (names.length === 0) throw new PayloadError(EXIT.badJob, 'job.json has no inputs');
  const merged = sum.merged();
  await writeOutput(job.output, { inputs: names, ...merged });
  say(
    `run ${merged.run}: ${names.length} inputs, ${merged.tfCount} TFs, ${merged.gaps.length} gaps, ${merged.hits} hits`,
  );
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

function corrupt(problem: string): PayloadError {
  return new PayloadError(EXIT.corruptInput, problem);
}

await runPayload(mergeHits);
