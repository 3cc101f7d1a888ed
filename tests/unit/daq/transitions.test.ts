import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DetectorState, DetectorSubstate, type StatePair } from '#schema/detector-state';
import { rules } from '../../../functions/daq/rules.ts';
import { decide, isLegalPair, pairText, substates, transitions } from '../../../functions/daq/transitions.ts';

/** The table written down apart from the code: e is the experiment's, p our proposal, . illegal. Columns as rows. */
const mayFollow: Readonly<Record<DetectorState, string>> = {
  //        off no_beam beam run calib test
  off: '    p   e       .    .   .     .',
  no_beam: 'e   p       e    .   p     p',
  beam: '   .   e       p    p   p     p',
  run: '    .   .       e    p   .     .',
  calib: '  .   p       p    .   p     .',
  test: '   p   p       p    .   .     p',
};
/** What the experiment names down to the substate, where the states alone are ours to decide. */
const namedPairs: ReadonlySet<string> = new Set([
  'beam/not_ready beam/ready',
  'beam/ready run/physics',
  'beam/ready run/standby',
  'run/physics run/standby',
  'run/standby run/physics',
]);
const mayHave: Readonly<Record<DetectorState, string>> = {
  off: 'eic epic daq calib',
  no_beam: 'not_ready eic epic daq calib',
  beam: 'not_ready ready lumi eic epic daq calib',
  run: 'physics standby lumi eic epic daq calib',
  calib: 'not_ready eic epic daq calib',
  test: 'not_ready ready physics standby lumi eic epic daq calib',
};
const states = DetectorState.options;
const pairs: StatePair[] = states.flatMap((state) => DetectorSubstate.options.map((substate) => ({ state, substate })));
const expectedOrigin = (from: StatePair, to: StatePair): 'experiment' | 'papilio' | undefined => {
  if (pairText(from) === pairText(to)) return 'papilio';
  if (namedPairs.has(`${pairText(from)} ${pairText(to)}`)) return 'experiment';
  const letter = mayFollow[from.state].trim().split(/ +/)[states.indexOf(to.state)];
  return letter === '.' ? undefined : letter === 'e' ? 'experiment' : 'papilio';
};

test.each(pairs)('$state/$substate is a pair if the experiment says so', (pair) => {
  expect(isLegalPair(pair)).toBe(mayHave[pair.state].split(' ').includes(pair.substate));
});

/** What is expected of a transition, in words. */
const expected = (from: StatePair, to: StatePair): string => {
  if (!isLegalPair(from) || !isLegalPair(to)) return 'substate-unknown-to-state';
  return expectedOrigin(from, to) ?? 'state-does-not-follow';
};

test('each of the 2916 transitions is decided, by a rule of the table or by the rule that it breaks', () => {
  const legal = new Set(['told-again', ...transitions.map(({ rule }) => rule)]);
  const decided = pairs.flatMap((from) => pairs.map((to) => ({ from, to, verdict: decide(from, to) })));
  expect(decided).toHaveLength(2916);
  for (const { from, to, verdict } of decided) {
    const words = `${pairText(from)} → ${pairText(to)}`;
    expect([words, verdict.isLegal ? verdict.origin : verdict.rule]).toEqual([words, expected(from, to)]);
    expect((verdict.isLegal ? legal : new Set(Object.keys(rules))).has(verdict.rule)).toBe(true);
  }
});

test('every row decides something, so none stands there in vain', () => {
  const used = new Set(
    pairs.flatMap((from) =>
      pairs.flatMap((to) => {
        const verdict = decide(from, to);
        return verdict.isLegal ? [`${verdict.rule} ${from.state} ${to.state}`] : [];
      }),
    ),
  );
  for (const { rule, from, to } of transitions)
    expect(used).toContain(`${rule} ${from.split('/')[0]} ${to.split('/')[0]}`);
});

describe('the reference page', () => {
  const page = readFileSync(new URL('../../../docs/reference/detector-state.md', import.meta.url), 'utf8');
  const rowsUnder = (heading: string): string[] => {
    const [, section = ''] = page.split(`## ${heading}\n`);
    const lines = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('| '));
    return lines.slice(2);
  };

  test('has the substates of the code', () => {
    expect(rowsUnder('States')).toEqual(
      states.map((state) => `| \`${state}\` | ${substates[state].map((one) => `\`${one}\``).join(' ')} |`),
    );
  });

  test('has the transitions of the code', () => {
    expect(rowsUnder('Legal transitions')).toEqual(
      transitions.map(({ rule, from, to, origin }) => `| \`${rule}\` | \`${from}\` | \`${to}\` | ${origin} |`),
    );
  });

  test('has the rules of the code', () => {
    expect(rowsUnder('Rules that a message breaks')).toEqual(
      Object.entries(rules).map(([rule, { code, meaning }]) => `| \`${rule}\` | \`${code}\` | ${meaning} |`),
    );
  });
});
