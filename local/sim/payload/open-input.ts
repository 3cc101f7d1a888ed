/** Opens a job's input wherever it lies. */
import { codeOf, EXIT, type JobInput, PayloadError } from './job-file.ts';

// A file may move from a later path to an earlier one between two looks, so one round can miss it everywhere.
const LOOKS = 3;

/** Opens an input as it is fetched, else under the first path that exists. @throws PayloadError 65, 66 */
export async function openInput<Opened>(input: JobInput, opener: (path: string) => Promise<Opened>): Promise<Opened> {
  for (let look = 0; look < LOOKS; look++) {
    for await (const path of pathsOf(input)) {
      const opened = await openedAt(path, input, opener);
      if (opened !== undefined) return opened.value;
    }
  }
  throw missing(input, `nothing ${input.url === undefined ? '' : 'at its address or '}under ${input.paths.join(', ')}`);
}

/** What is at a path; undefined if nothing is. */
async function openedAt<Opened>(path: string, input: JobInput, opener: (path: string) => Promise<Opened>) {
  try {
    return { value: await opener(path) };
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    if (codeOf(error) === 'ENOENT') return undefined;
    throw missing(input, `${path}: ${codeOf(error)}`);
  }
}

async function* pathsOf(input: JobInput): AsyncGenerator<string> {
  const fetched = await fetchedPath(input);
  if (fetched !== undefined) yield fetched;
  yield* input.paths;
}

/** Where an input lies that was fetched into the job's folder; undefined if it has no address, or nothing is there yet. */
async function fetchedPath(input: JobInput): Promise<string | undefined> {
  if (input.url === undefined) return undefined;
  // Only who has an address pays for loading what fetches.
  return (await import('./fetch-input.ts')).fetchInput(input);
}

function missing(input: JobInput, problem: string): PayloadError {
  return new PayloadError(EXIT.missingInput, `${input.name} cannot be read: ${problem}`);
}
