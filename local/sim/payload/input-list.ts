/** Inputs of a job: those in `job.json`, then those in the file that it names, one a line. */
import { open } from 'node:fs/promises';
import { codeOf, EXIT, inputOf, type JobFile, type JobInput, PayloadError } from './job-file.ts';

/** The inputs of a job, one at a time: there may be very many. @throws PayloadError 64 */
export async function* inputsOf({ inputs, inputList }: JobFile): AsyncGenerator<JobInput> {
  yield* inputs;
  if (inputList === undefined) return;
  await using file = await open(inputList).catch((error: unknown) => {
    throw new PayloadError(EXIT.badJob, `${inputList} cannot be read: ${codeOf(error) ?? String(error)}`);
  });
  for await (const line of file.readLines()) yield inputOf(parsed(inputList, line));
}

function parsed(name: string, line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new PayloadError(EXIT.badJob, `${name} has a line that is not valid JSON`);
  }
}
