/**
 * The payload that prepares a facility for a run: reads a small STF of its own making with the payload of STFs, so that
 * its program, and what that is compiled to, lie where the first STF's payload finds them.
 *
 *     cd JOB-FOLDER && node warm.ts      writes warm/out/hits.json; exit codes in job-file.ts
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { writeStf } from '../daq/generator.ts';
import { runPayload } from './run.ts';

const sample = { run: 0, sequence: 0, seed: 1, sizeBytes: 1_000_000, state: 'run', substate: 'physics' };

async function warmUp(): Promise<void> {
  await mkdir('warm', { recursive: true });
  process.chdir('warm');
  const { name, sizeBytes, checksumAdler32 } = await writeStf('sample.stf', sample);
  const inputs = [{ name, paths: ['sample.stf'], sizeBytes, checksumAdler32 }];
  await writeFile('job.json', JSON.stringify({ inputs, output: 'out/hits.json' }));
  await import('./hits.ts');
}

await runPayload(warmUp);
