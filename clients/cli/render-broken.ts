import type { Broken } from '#schema/broken';
import type { Status } from '#schema/status';
import { type Canvas, type Piece, painted } from './line.ts';
import { duration, harmless, timeOfDay } from './words.ts';

/** Of a screen too small for all, so many are shown in full at least. */
const leastInFull = 2;
const indent = ' '.repeat(10);

const sinceOf = ({ since }: Broken, at: string): readonly string[] => {
  if (since === undefined) return [];
  const from = ` since ${timeOfDay(since)} UTC`;
  return [`${from} (${duration(Math.max(0, Date.parse(at) - Date.parse(since)))})`, from];
};

type Title = { readonly pieces: Piece[]; readonly hasSince: boolean };

/** `✗ no connection to broker e1-bnl since 12:00:26 UTC (27.5 s)`, as much of it as fits on the line. */
const titleOf = (one: Broken, at: string, { colors, width }: Canvas): Title => {
  const { severity, what } = one;
  const text = `${severity === 'error' ? '✗' : '!'} ${what}`;
  const mark = painted(text, severity === 'error' ? colors.red : colors.yellow);
  const since = sinceOf(one, at).find((words) => indent.length + text.length + words.length <= width);
  return { pieces: since === undefined ? [mark] : [mark, since], hasSince: since !== undefined };
};

const consequencesOf = ({ consequences = [] }: Broken, { colors }: Canvas): Piece[][] =>
  consequences.map(({ what }) => [`${indent}  `, painted(`therefore: ${what}`, colors.dim)]);

const leastWidth = 20;

/** Text in lines of so many columns, broken between words; a longer word has a line of its own. */
const wrapped = (text: string, width: number): string[] => {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > Math.max(leastWidth, width)) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
};

/** A problem in full: title, how it shows, its consequences, and what to do. */
const inFull = (one: Broken, at: string, canvas: Canvas): Piece[][] => {
  const { pieces, hasSince } = titleOf(one, at, canvas);
  const [, from = ''] = hasSince ? [] : sinceOf(one, at);
  return [
    pieces,
    ...(from === '' ? [] : [[`${indent} ${from}`]]),
    ...wrapped(harmless(one.evidence), canvas.width - indent.length - 2).map((line) => [`${indent}  ${line}`]),
    ...consequencesOf(one, canvas),
    [`${indent}  `, painted(`→ ${one.todo}`, canvas.colors.bold)],
  ];
};

/** How many problems fit in full, the worst first; of the others one line each. */
const fullCountOf = (full: readonly Piece[][][], rows: number): number => {
  const rowsOf = (count: number): number => full.reduce((sum, lines, at) => sum + (at < count ? lines.length : 1), 0);
  const most = full.findLastIndex((_, at) => rowsOf(at + 1) <= rows) + 1;
  return Math.max(Math.min(leastInFull, full.length), most);
};

/** What is broken, since when, how that shows and what to do: the worst first, all in full where `rows` suffice. */
export const brokenLines = (
  { broken, at }: Status,
  canvas: Canvas,
  rows: number = Number.POSITIVE_INFINITY,
): Piece[][] => {
  const { colors } = canvas;
  const label = painted('broken'.padEnd(indent.length), colors.dim);
  if (broken.length === 0) return [[label, painted('nothing', colors.green)]];
  const full = broken.map((one) => inFull(one, at, canvas));
  const count = fullCountOf(full, rows);
  return full.flatMap(([title = [], ...more], index) => [
    [index === 0 ? label : indent, ...title],
    ...(index < count ? more : []),
  ]);
};
