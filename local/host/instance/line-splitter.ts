import { StringDecoder } from 'node:string_decoder';

/** A longer line is cut into several. */
export const longestLine = 16_384;

/** Turns what a process writes into lines. */
export type LineSplitter = {
  readonly write: (chunk: Buffer) => void;
  /** Tells what is left without an end of line. */
  readonly flush: () => void;
};

/** Makes a splitter that tells each line without its end. */
export const lineSplitter = (tell: (line: string) => void): LineSplitter => {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const say = (line: string) => {
    for (let at = 0; at === 0 || at < line.length; at += longestLine) tell(line.slice(at, at + longestLine));
  };
  return {
    write: (chunk) => {
      const lines = (rest + decoder.write(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) say(line);
      if (rest.length < longestLine) return;
      say(rest);
      rest = '';
    },
    flush: () => {
      const last = rest + decoder.end();
      rest = '';
      if (last !== '') say(last);
    },
  };
};
