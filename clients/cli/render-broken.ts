import type { Broken, Status } from '#schema/status';
import { type Canvas, type Piece, painted } from './line.ts';
import { duration, harmless, timeOfDay } from './words.ts';

/** So many are told in full, for one screen is all there is; of the others what it is. */
const toldInFull = 2;
const indent = ' '.repeat(10);

const markOf = ({ severity, what }: Broken, { colors }: Canvas): Piece =>
  severity === 'error' ? painted(`✗ ${what}`, colors.red) : painted(`! ${what}`, colors.yellow);

const sinceOf = ({ since }: Broken, at: string): string =>
  since === undefined
    ? ''
    : `since ${timeOfDay(since)} UTC (${duration(Math.max(0, Date.parse(at) - Date.parse(since)))})`;

/** Since when and how it shows, on one line if it fits, and what to do. */
const details = (one: Broken, at: string, { colors, width }: Canvas): Piece[][] => {
  const facts = [sinceOf(one, at), harmless(one.evidence)].filter((fact) => fact !== '');
  const together = `${indent}  ${facts.join(': ')}`;
  const lines = together.length <= width ? [together] : facts.map((fact) => `${indent}  ${fact}`);
  return [...lines.map((line) => [line]), [`${indent}  `, painted(`→ ${one.todo}`, colors.bold)]];
};

/** What is broken, since when, how that shows and what to do: the worst first. */
export const brokenLines = ({ broken, at }: Status, canvas: Canvas): Piece[][] => {
  const { colors } = canvas;
  const label = painted('broken'.padEnd(indent.length), colors.dim);
  if (broken.length === 0) return [[label, painted('nothing', colors.green)]];
  return broken.flatMap((one, index) => [
    [index === 0 ? label : indent, markOf(one, canvas)],
    ...(index < toldInFull ? details(one, at, canvas) : []),
  ]);
};
