import { expect, it } from 'vitest';
import { linkedFiles, namedPaths } from '../../check/papers.ts';

it('a page leads to files by its links, not to the web and not to itself', () => {
  const page = '[a](../a.md) [b](https://example.org) [c](#here) [d](d.md#there)';
  expect(linkedFiles(page)).toEqual(['../a.md', 'd.md']);
});

it('a table names paths, except what it says is not there yet', () => {
  const page =
    '| a job | `functions/lib/schema/job.ts` |\n| Slurm | `functions/slurm.ts`, not there yet |\nsee `functions/x.ts`';
  expect(namedPaths(page)).toEqual(['functions/lib/schema/job.ts']);
});
