import { expect, test } from 'vitest';
import { createDifference, createNovelty } from '../../../clients/cli/watch-list.ts';

const waiting = { id: 'job-1', state: 'waiting' };
const other = { id: 'job-2', state: 'waiting' };

test('a list of what waits is shown again when a job has left it, and not when nothing changed', () => {
  const isAnother = createDifference();
  expect([[waiting, other], [waiting, other], [other], [other], [], []].map(isAnother)).toEqual([
    ...[true, false, true, false, true, false],
  ]);
});

test('programs are given what is new or otherwise, and nothing twice', () => {
  const novel = createNovelty<{ id: string; state: string }>(({ id }) => id);
  const settled = { ...waiting, state: 'succeeded' };
  expect([[waiting], [waiting, other], [settled, other], [other]].map(novel)).toEqual([
    ...[[waiting], [other], [settled], []],
  ]);
});
