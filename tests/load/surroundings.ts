import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

/** What a figure depends on beside the code. */
export type Surroundings = {
  readonly commit: string;
  readonly machine: string;
  readonly node: string;
  readonly startedAt: string;
  /** Runnable processes, mean of the last minute, before the benchmark begins. */
  readonly loadBefore: number;
};

const git = (...words: string[]): string => {
  try {
    const cwd = fileURLToPath(new URL('.', import.meta.url));
    return execFileSync('git', words, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
};

const commit = (): string => {
  const name = git('rev-parse', '--short', 'HEAD') || 'unknown';
  return git('status', '--porcelain', '--untracked-files=no') === '' ? name : `${name} with changes`;
};

/** Looks around before the first measurement. */
export const surroundings = (): Surroundings => ({
  commit: commit(),
  machine: `${cpus().length} × ${cpus()[0]?.model.trim() ?? process.arch}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}`,
  node: process.version,
  startedAt: new Date().toISOString(),
  loadBefore: load(),
});

/** The machine's load now, to two digits. */
export const load = (): number => Number((loadavg()[0] ?? 0).toFixed(2));
