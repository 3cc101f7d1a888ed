import { type Check, type CheckLevel, CheckName } from '#schema/check-up';
import { harmless } from '../words.ts';

const marks: Readonly<Record<CheckLevel, string>> = {
  ok: '✓ ok     ',
  warning: '! warning',
  problem: '✗ problem',
  unseen: '– unseen ',
};

/** In the order in which one thing stands on another. */
export const inOrder = (checks: readonly Check[]): Check[] => {
  const rank = ({ check }: Check): number => CheckName.options.indexOf(check);
  return checks.toSorted((a, b) => rank(a) - rank(b));
};

/** What was looked at, by name. */
export const nameOf = ({ check, of }: Check): string => (of === undefined ? check : `${check} ${of}`);

/** A line for each check, and under it what to try. */
export const checkLines = (checks: readonly Check[]): string[] => {
  const width = Math.max(...checks.map((check) => nameOf(check).length));
  return checks.flatMap((check) => {
    const line = `${marks[check.level]}  ${nameOf(check).padEnd(width)}  ${check.what}`;
    return check.todo === undefined ? [harmless(line)] : [harmless(line), harmless(`    try: ${check.todo}`)];
  });
};

/** `2 problems`; nothing of none. */
const counted = (count: number, word: string): string[] =>
  count === 0 ? [] : [`${count} ${word}${count === 1 ? '' : 's'}`];

/** How it stands, in a few words. */
export const verdictOf = (checks: readonly Check[]): string => {
  const count = (level: CheckLevel): number => checks.filter((check) => check.level === level).length;
  const found = [...counted(count('problem'), 'problem'), ...counted(count('warning'), 'warning')];
  if (found.length > 0) return found.join(', ');
  return count('unseen') === 0 ? 'all is well' : 'all that can be seen from here is well';
};
