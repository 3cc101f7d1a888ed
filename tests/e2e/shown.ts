import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../check/shell.ts';

/** What a page shows: code that is marked `tested`, and the output that stands behind it, if one does. */
export type Shown = { readonly language: string; readonly code: string; readonly output: string };

const block = /^```(\w+) tested\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```\n)?/gm;

/** The marked blocks of a page, in their order. */
export const shownOn = (page: string): readonly Shown[] =>
  [...readFileSync(join(root, page), 'utf8').matchAll(block)].map(([, language = '', code = '', output = '']) => ({
    language,
    code,
    output,
  }));

/** Words of an output that are the same each time: no numbers, times, ids or bars. */
export const lastingWords = (output: string): readonly string[] => [
  ...new Set(output.split(/[\s"{}:,]+/).filter((word) => /^[a-z][a-z./-]{2,}$/i.test(word))),
];
