import { appendFileSync, renameSync, rmSync, statSync } from 'node:fs';
import type { Config } from '#lib/config';

/** A log file of JSON lines that never grows without end: full, it becomes `.1`, that `.2`, and so on. */
export type LogFile = { readonly line: (text: string) => void };

/** Limits of one log: the size of a file, and how many closed files are kept beside it. */
export type LogLimits = { readonly sizeBytes: number; readonly kept: number };

/** The limits that the configuration sets. */
export const logLimitsOf = (config: Pick<Config, 'PAPILIO_LOG_FILE_MB' | 'PAPILIO_LOG_FILES'>): LogLimits => ({
  sizeBytes: config.PAPILIO_LOG_FILE_MB * 1e6,
  kept: config.PAPILIO_LOG_FILES,
});

const sizeNow = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** Opens a log file. A disk that takes no more lines costs lines, never the house. */
export const openLogFile = (path: string, limits: LogLimits): LogFile => {
  let sizeBytes = sizeNow(path);
  const rotate = () => {
    // Also those of a time when more were kept.
    for (let nth = limits.kept; nth === limits.kept || sizeNow(`${path}.${nth}`) > 0; nth++)
      rmSync(`${path}.${nth}`, { force: true });
    for (let nth = limits.kept - 1; nth >= 1; nth--)
      if (sizeNow(`${path}.${nth}`) > 0) renameSync(`${path}.${nth}`, `${path}.${nth + 1}`);
    renameSync(path, `${path}.1`);
    sizeBytes = 0;
  };
  return {
    line: (text) => {
      const bytes = Buffer.from(`${text}\n`);
      try {
        if (sizeBytes > 0 && sizeBytes + bytes.length > limits.sizeBytes) rotate();
        appendFileSync(path, bytes, { mode: 0o600 });
        sizeBytes += bytes.length;
      } catch {
        // full or gone: whoever looks at the disk will see that first
      }
    },
  };
};

/** Cuts a stream into lines; `end` gives what is left. */
export const lineCutter = (onLine: (line: string) => void) => {
  let rest = '';
  return {
    push: (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') onLine(line);
    },
    end: () => {
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
};

/** A line of output as a JSON line: what is none already, such as a crash report of Node, is wrapped. */
export const asJsonLine = (processName: string, line: string, at: string): string =>
  line.startsWith('{') && line.endsWith('}')
    ? line
    : JSON.stringify({ level: 50, at, process: processName, text: line });
