/** Runs a payload from its job's file to its exit code. */
import { StfCorrupt } from '../daq/reader.ts';
import { EXIT, type JobFile, PayloadError, readJob, say, tell } from './job-file.ts';

/** Runs `work` on the job in the working directory; the process then ends with the exit code that says how it went. */
export async function runPayload(work: (job: JobFile) => Promise<void>): Promise<void> {
  try {
    const job = await readJob();
    await tell(job, 'started');
    // Only a test pays for loading the faults.
    if (job.behave !== undefined) await (await import('./behave.ts')).behave(job.behave);
    await work(job);
    await tell(job, 'finished');
    say('done');
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    process.stderr.write(`ended with ${process.exitCode}: ${messageOf(error)}\n`);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof PayloadError) return error.exitCode;
  return error instanceof StfCorrupt ? EXIT.corruptInput : EXIT.bug;
}

function messageOf(error: unknown): string {
  if (error instanceof PayloadError || error instanceof StfCorrupt) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
