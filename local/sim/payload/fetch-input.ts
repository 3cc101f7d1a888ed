/** Fetches a job's input from its address into the job's folder, whole or not at all. */
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Checksums, createChecksums } from '#lib/model/checksum';
import { codeOf, EXIT, type JobInput, PayloadError, say } from './job-file.ts';

const FOLDER = 'in';
const TRIES = 4;
const FIRST_WAIT_MS = 250;
/** An answer that brings nothing for so long brings nothing any more. */
const SILENCE_MS = 30_000;

/** A try that may go better the next time. */
type Failed = { readonly again: string; readonly isCorrupt: boolean };
/** What a try found: the file, nothing there, or a reason to try again. */
type Found = { readonly path: string } | { readonly isAbsent: true } | Failed;

/**
 * Where the input lies now; undefined if nothing is at its address, or nobody answers there and it may lie elsewhere.
 * @throws PayloadError 64, 65, 66, 74
 */
export async function fetchInput(input: JobInput): Promise<string | undefined> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,200}$/.test(input.name))
    throw failed(EXIT.badJob, input, 'it is no name of a file');
  for (let tries = 1; ; tries++) {
    const found = await fetchOnce(input);
    if ('path' in found) return found.path;
    if ('isAbsent' in found) return undefined;
    say(`${input.name} is not fetched: ${found.again}`);
    if (tries === TRIES) return afterLast(input, found);
    await delay(FIRST_WAIT_MS * 2 ** (tries - 1) * (0.5 + Math.random() / 2));
  }
}

function afterLast(input: JobInput, { again, isCorrupt }: Failed): undefined {
  if (isCorrupt) throw failed(EXIT.corruptInput, input, again);
  if (input.paths.length === 0) throw failed(EXIT.missingInput, input, again);
  return undefined;
}

async function fetchOnce(input: JobInput): Promise<Found> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const response = await fetch(input.url ?? '', { signal: silence.signal, redirect: 'error' });
    if (response.status === 404) return { isAbsent: true };
    if (response.status !== 200 || response.body === null)
      return { again: `it answers ${response.status}`, isCorrupt: false };
    return await keep(input, response.body, () => timer.refresh());
  } catch (error) {
    if (error instanceof PayloadError) throw error;
    const reason = silence.signal.aborted ? `nothing came for ${SILENCE_MS / 1000} s` : reasonOf(error);
    return { again: reason, isCorrupt: false };
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

/** The bytes go to a file that gets its name once size and checksum are right. */
async function keep(input: JobInput, body: AsyncIterable<Uint8Array>, heard: () => void): Promise<Found> {
  const path = join(FOLDER, input.name);
  const checksums = createChecksums();
  await write(input, `${path}.part`, pieces(body, checksums, heard));
  const { adler32, sizeBytes } = checksums.digest();
  if (sizeBytes !== (input.sizeBytes ?? sizeBytes))
    return { again: `it has ${sizeBytes} bytes, not ${input.sizeBytes}`, isCorrupt: true };
  if (adler32 !== (input.checksumAdler32 ?? adler32))
    return { again: `its Adler-32 is ${adler32}, not ${input.checksumAdler32}`, isCorrupt: true };
  await rename(`${path}.part`, path);
  return { path };
}

async function* pieces(
  body: AsyncIterable<Uint8Array>,
  checksums: Checksums,
  heard: () => void,
): AsyncGenerator<Uint8Array> {
  for await (const piece of body) {
    heard();
    checksums.update(piece);
    yield piece;
  }
}

async function write(input: JobInput, path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    await mkdir(FOLDER, { recursive: true });
    await using file = await open(path, 'w');
    await file.writeFile(bytes);
  } catch (error) {
    const code = codeOf(error);
    // A full disk is no fault of the address.
    if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EROFS') throw failed(EXIT.cannotWrite, input, code);
    throw error;
  }
}

function failed(exitCode: number, { name }: JobInput, problem: string): PayloadError {
  return new PayloadError(exitCode, `${name} cannot be fetched: ${problem}`);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
