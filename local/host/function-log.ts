import { type LogLine, type LogQuery, logTailBytes } from './runner.ts';

/** What is kept of a function's log. */
const keptLines = 2_000;
const keptBytes = 1_000_000;

/** The last lines of one function, of all its instances. */
export type FunctionLog = {
  readonly write: (line: LogLine) => void;
  readonly read: (query?: LogQuery) => readonly LogLine[];
  readonly follow: (tell: (line: LogLine) => void) => () => void;
};

/** Makes an empty log. It forgets the oldest lines. */
export const createFunctionLog = (): FunctionLog => {
  const lines: LogLine[] = [];
  const listeners = new Set<(line: LogLine) => void>();
  let sizeBytes = 0;
  return {
    write: (line) => {
      lines.push(line);
      sizeBytes += line.text.length;
      while (lines.length > keptLines || sizeBytes > keptBytes) sizeBytes -= lines.shift()?.text.length ?? 0;
      for (const tell of listeners) tell(line);
    },
    read: ({ sinceMs = 0, limit = keptLines } = {}) => {
      const recent = sinceMs > 0 ? lines.filter(({ at }) => Date.parse(at) >= sinceMs) : lines;
      return recent.slice(Math.max(0, recent.length - limit));
    },
    follow: (tell) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
  };
};

/** The end of what one invocation wrote. */
export type LogTail = { readonly add: (text: string) => void; readonly text: () => string };

/** Makes an empty tail, which is never longer than what Lambda gives to a caller. */
export const createLogTail = (): LogTail => {
  let kept = '';
  return {
    add: (text) => {
      kept += `${text}\n`;
      if (kept.length > 4 * logTailBytes) kept = kept.slice(-logTailBytes);
    },
    text: () => {
      const bytes = Buffer.from(kept, 'utf8');
      // A character that is cut in the middle would show as a replacement character.
      let from = Math.max(0, bytes.length - logTailBytes);
      while (from < bytes.length && ((bytes[from] ?? 0) & 0xc0) === 0x80) from += 1;
      return bytes.toString('utf8', from);
    },
  };
};
