import { type ChildProcess, execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type StfSpec, type WrittenStf, writeStf } from '../../../../../local/sim/daq/generator.ts';
import { aFolder, aStfSpec } from '../stf-folder.ts';

/** How a payload ended. */
export type Ended = { readonly code: number | null; readonly signal: string | null; readonly log: string };

// As a full disk would, the shell refuses files of more than some 20 MB.
const LIMITED = 'ulimit -f 40000; exec "$@"';

/** Runs a payload as a batch system does: a process with the job's folder as working directory. `meddle` may end it. */
export async function runPayload(
  payload: 'hits' | 'merge' | 'warm',
  folder: string,
  job: unknown,
  meddle?: (child: ChildProcess) => void,
): Promise<Ended> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'job.json'), typeof job === 'string' ? job : JSON.stringify(job));
  const program = fileURLToPath(new URL(`../../../../../local/sim/payload/${payload}.ts`, import.meta.url));
  return new Promise((resolve) => {
    const child = execFile(
      '/bin/sh',
      ['-c', LIMITED, 'sh', process.execPath, program],
      { cwd: folder },
      (_, stdout, stderr) => {
        resolve({ code: child.exitCode, signal: child.signalCode, log: stdout + stderr });
      },
    );
    meddle?.(child);
  });
}

/** A job's folder and one STF for it to read. */
export async function aJobWithStf(
  given: Partial<StfSpec> = {},
): Promise<AsyncDisposable & { readonly folder: string; readonly stf: WrittenStf; readonly job: HitsJob }> {
  const folder = await aFolder();
  const spec = aStfSpec(given);
  const stf = await writeStf(folder.at('input.stf'), spec);
  const { name, path, sizeBytes, checksumAdler32 } = stf;
  const job = { inputs: [{ name, paths: [path], sizeBytes, checksumAdler32 }], output: 'out/hits.json' };
  return { folder: folder.at('job'), stf, job, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

export type HitsJob = {
  readonly inputs: readonly { name: string; paths: string[]; sizeBytes: number; checksumAdler32: string }[];
  readonly output: string;
};

/** Reads a JSON file of the job's folder. */
export async function readJson(folder: string, name: string): Promise<unknown> {
  return JSON.parse(await readFile(join(folder, name), 'utf8'));
}
