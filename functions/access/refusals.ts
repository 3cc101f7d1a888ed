import type { AuditLine } from '#schema/audit';
import { refusalsMost } from './policy.ts';

/** Lines of the audit log that are not told yet; the same refusals are one line. */
export type Refusals = {
  readonly add: (line: AuditLine) => void;
  /** What is to be told, if anything is; from then on it counts as told. */
  readonly take: () => AuditLine[];
  /** Puts back what could not be told. */
  readonly putBack: (lines: readonly AuditLine[]) => void;
};

/** Who is not known may ask for a thousand things: for the log it is one. */
const keyOf = ({ by, action, subject, outcome, problem, from }: AuditLine): string =>
  JSON.stringify([by, action, outcome, problem?.code, from?.address, from?.principal.kind === 'anonymous' || subject]);

/**
 * Gathers refused acts. Same asker, act, thing, reason and address: one line with a count, whose moment is the last and
 * whose request the first. It holds at most `refusalsMost` lines; what is more is counted in one line of its own. Acts that
 * were let pass are all kept, however many are refused beside them: the last word on each.
 */
export const createRefusals = (overflowOf: (line: AuditLine) => AuditLine): Refusals => {
  const lines = new Map<string, AuditLine>();
  const passed = new Map<string, AuditLine>();
  const join = (key: string, line: AuditLine): void => {
    const known = lines.get(key);
    lines.set(key, known ? { ...known, at: line.at, count: known.count + line.count } : line);
  };
  const add = (line: AuditLine): void => {
    const key = keyOf(line);
    if (line.outcome !== 'denied') passed.set(line.id, line);
    else if (lines.has(key) || lines.size < refusalsMost) join(key, line);
    else join('more', overflowOf(line));
  };
  return {
    add,
    take: () => {
      const taken = [...passed.values(), ...lines.values()];
      passed.clear();
      lines.clear();
      return taken;
    },
    putBack: (untold) => {
      for (const line of untold) if (!passed.has(line.id)) add(line);
    },
  };
};
