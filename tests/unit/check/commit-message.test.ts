import { describe, expect, it } from 'vitest';
import { messageProblem } from '../../check/commit-message.ts';

describe('a commit message', () => {
  it.each([
    'feat(brokerage): prefer the site that holds the replica',
    'fix!: refuse a run number of 2^60',
    'docs: say what a slice is\n\nBecause two readers asked.\n# a comment of git',
    'Merge branch topic',
    'fixup! feat(daq): read both dialects',
  ])('passes: %s', (message) => {
    expect(messageProblem(message)).toBeUndefined();
  });

  it.each([
    ['changed things', 'is not'],
    ['feat(Brokerage): prefer the replica', 'is not'],
    ['feat: ends with a full stop.', 'is not'],
    ['', 'is not'],
    [`feat: ${'x'.repeat(100)}`, 'more than 100'],
    ['feat: one\ntwo', 'second line'],
  ])('is refused: %s', (message, reason) => {
    expect(messageProblem(message)).toContain(reason);
  });
});
