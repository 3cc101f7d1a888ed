import { exit, explainFailure, UsageError } from './failure.ts';
import type { Io } from './io.ts';
import { readStdin } from './stdin.ts';

/** Ids as they were typed, or with `-` out of a pipe. @throws UsageError */
export const idsOf = async (typed: readonly string[], io: Io, example: string): Promise<string[]> => {
  if (typed.length !== 1 || typed[0] !== '-') return [...typed];
  const ids = (await readStdin(io)).split(/\s+/).filter((id) => id !== '');
  if (ids.length === 0) throw new UsageError('no id was piped in', example);
  return ids;
};

/** One after the other; what fails is told and stops no other. Returns the exit code of the first that failed. */
export const each = async <T>(
  ids: readonly string[],
  io: Io,
  one: (id: string) => Promise<T>,
): Promise<{ done: T[]; code: number }> => {
  const done: T[] = [];
  let code: number = exit.ok;
  for (const id of ids) {
    try {
      done.push(await one(id));
    } catch (thrown) {
      if (ids.length > 1) io.err.write(`${id}\n`);
      code ||= explainFailure(thrown, io);
      if (io.signal.aborted) break;
    }
  }
  return { done, code };
};
