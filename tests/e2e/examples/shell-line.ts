import { execFile } from 'node:child_process';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { run } from '../../../clients/cli/program.ts';

/** A line as a shell takes it apart: programs one after the other, each with its words, and where the end of it goes. */
type Line = {
  readonly stages: readonly string[][];
  readonly from?: string;
  readonly to?: string;
  readonly isMore: boolean;
};

const wordsOf = (line: string): string[] =>
  [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'));

/** Quotes, pipes and redirections: what examples use. */
export const lineOf = (text: string): Line => {
  const stages: string[][] = [[]];
  const files: { from?: string; to?: string } = {};
  let isMore = false;
  let place: 'from' | 'to' | undefined;
  for (const word of wordsOf(text)) {
    if (word === '|') stages.push([]);
    else if (word === '<') place = 'from';
    else if (word === '>' || word === '>>') {
      place = 'to';
      isMore = word === '>>';
    } else if (place !== undefined) {
      files[place] = word;
      place = undefined;
    } else stages.at(-1)?.push(word);
  }
  return { stages, ...files, isMore };
};

/** What came of a line: of its last papilio, whose exit code a shell would not show. */
export type Said = { readonly out: string; readonly err: string; readonly code: number };

type Surroundings = {
  readonly cwd: string;
  /** Words that stand before those of every papilio. */
  readonly before: readonly string[];
  readonly onTalk: (talk: string) => void;
};

const papilio = async (words: readonly string[], input: string, { before, onTalk }: Surroundings): Promise<Said> => {
  const pieces: Buffer[] = [];
  let err = '';
  const code = await run([...before, ...words], {
    in: Readable.from([input]),
    out: { columns: 100, write: (data) => pieces.push(Buffer.from(data)) },
    err: {
      write: (data) => {
        err += data;
        onTalk(err);
      },
    },
    signal: new AbortController().signal,
  });
  return { out: Buffer.concat(pieces).toString('latin1'), err, code };
};

/** A filter such as jq; where this machine has none of that name, what comes in goes out. */
const filter = ([name = '', ...words]: readonly string[], input: string, cwd: string): Promise<string> =>
  new Promise((done) => {
    const child = execFile(name, words, { cwd, encoding: 'latin1' }, (error, out) =>
      done(error?.code === 'ENOENT' ? input : out),
    );
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(Buffer.from(input, 'latin1'));
  });

/** Runs a line in this process, which starts papilio some hundred times faster than a shell would. */
export const runLine = async (text: string, surroundings: Surroundings): Promise<Said> => {
  const { stages, from, to, isMore } = lineOf(text);
  const { cwd } = surroundings;
  let said: Said = { out: from === undefined ? '' : await readFile(resolve(cwd, from), 'latin1'), err: '', code: 0 };
  for (const words of stages) {
    if (words[0] === 'papilio') said = await papilio(words.slice(1), said.out, surroundings);
    else said = { ...said, out: await filter(words, said.out, cwd) };
  }
  if (to !== undefined) await (isMore ? appendFile : writeFile)(resolve(cwd, to), said.out, 'latin1');
  return said;
};
