/**
 * What the simulated payloads share: the job's file, how they end, and how they write. A payload is a program of its own
 * that knows nothing of papilio but its folder; it starts for every STF, so this loads nothing that it can do without.
 */
import { appendFile, mkdir, open, readFile, rename } from 'node:fs/promises';
import { basename, dirname, isAbsolute, relative } from 'node:path';

/** Exit codes, as sysexits.h has them. */
export const EXIT = {
  ok: 0,
  /** `job.json` is missing or is none. */
  badJob: 64,
  /** An input is not what it should be; the log says which TF. */
  corruptInput: 65,
  /** No path of an input can be read. */
  missingInput: 66,
  /** The payload itself is wrong. */
  bug: 70,
  /** The output cannot be written. */
  cannotWrite: 74,
} as const;

/** A reason to end with an exit code other than 0. */
export class PayloadError extends Error {
  readonly exitCode: number;
  constructor(exitCode: number, message: string) {
    super(message);
    this.name = 'PayloadError';
    this.exitCode = exitCode;
  }
}

/** A file to read: the same bytes at its address and under every path. Size and checksum are checked if they are given. */
export type JobInput = {
  readonly name: string;
  readonly url: string | undefined;
  readonly paths: readonly string[];
  readonly sizeBytes: number | undefined;
  readonly checksumAdler32: string | undefined;
};

/** What `job.json` says. */
export type JobFile = {
  readonly inputs: readonly JobInput[];
  /** A file in the job's folder that lists further inputs; see `input-list.ts`. */
  readonly inputList: string | undefined;
  /** Relative to the job's folder. */
  readonly output: string;
  /** Who runs; the folder's name if the file does not say. */
  readonly attempt: string;
  /** A file outside papilio that gets a line for each start and finish. */
  readonly tally: string | undefined;
  /** A fault to show; see `behave.ts`. */
  readonly behave: string | undefined;
};

const JOB_FILE = 'job.json';

/** Reads `job.json` in the working directory. @throws PayloadError 64 */
export async function readJob(): Promise<JobFile> {
  const file: unknown = await readFile(JOB_FILE, 'utf8')
    .then(JSON.parse)
    .catch(() => undefined);
  // A facility keeps the payload beside its own facts; by hand one writes it alone.
  const job = isRecord(file) && isRecord(file.payload) ? file.payload : file;
  if (!isRecord(job)) throw badJob('is missing or is no JSON object');
  const inputs = Array.isArray(job.inputs) ? job.inputs.map(inputOf) : [];
  const output = text(job.output);
  if (output === undefined) throw badJob('has no output');
  if (relative('.', output).startsWith('..') || isAbsolute(output))
    throw badJob(`writes outside its folder: ${output}`);
  const environment = isRecord(job.environment) ? job.environment : {};
  return {
    inputs,
    inputList: text(job.inputList),
    output,
    attempt: text(job.attempt) ?? basename(process.cwd()),
    tally: text(job.tally) ?? text(environment.PAPILIO_PAYLOAD_TALLY),
    behave: text(job.behave) ?? text(environment.PAPILIO_PAYLOAD_BEHAVE),
  };
}

/** Writes the output whole or not at all, and durably. @throws PayloadError 74 */
export async function writeOutput(path: string, value: unknown): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await using file = await open(`${path}.part`, 'w');
    await file.writeFile(`${JSON.stringify(value)}\n`);
    await file.sync();
    await rename(`${path}.part`, path);
    await using folder = await open(dirname(path), 'r');
    await folder.sync();
  } catch (error) {
    throw new PayloadError(EXIT.cannotWrite, `${path} cannot be written: ${codeOf(error) ?? String(error)}`);
  }
}

/** Writes the line that lets a test count, outside papilio, how often a payload really ran. */
export async function tell(job: JobFile, event: 'started' | 'finished'): Promise<void> {
  if (job.tally === undefined) return;
  const line = JSON.stringify({ attempt: job.attempt, event, pid: process.pid, at: new Date().toISOString() });
  await appendFile(job.tally, `${line}\n`);
}

/** Writes one line to the job's log. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The system's name for an error, `ENOSPC`; undefined if it is not the system's. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** An input as `job.json` or a list has it. @throws PayloadError 64 */
export function inputOf(input: unknown): JobInput {
  const name = isRecord(input) ? text(input.name) : undefined;
  const paths = isRecord(input) && Array.isArray(input.paths) ? input.paths.filter(isText) : [];
  if (!isRecord(input) || name === undefined || (paths.length === 0 && !isText(input.url)))
    throw badJob('has an input without name or paths');
  const { sizeBytes, checksumAdler32, url } = input;
  if (sizeBytes !== undefined && typeof sizeBytes !== 'number') throw badJob(`gives ${name} no number of bytes`);
  if (checksumAdler32 !== undefined && !isText(checksumAdler32)) throw badJob(`gives ${name} no checksum`);
  return { name, url: text(url), paths, sizeBytes, checksumAdler32 };
}

function badJob(problem: string): PayloadError {
  return new PayloadError(EXIT.badJob, `${JOB_FILE} ${problem}`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function text(value: unknown): string | undefined {
  return isText(value) ? value : undefined;
}
