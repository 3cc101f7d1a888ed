import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import * as z from 'zod';

const Report = z.object({ numPassedTests: z.int(), numFailedTests: z.int(), numPendingTests: z.int() });

/** What a part's tests came to, in numbers and words, and all that they said. */
type Tested = { readonly passed: number; readonly failed: number; readonly text: string; readonly output: string };

const countsIn = async (file: string, isWell: boolean): Promise<Omit<Tested, 'output'>> => {
  try {
    const report = Report.parse(JSON.parse(await readFile(file, 'utf8')));
    const { numPassedTests: passed, numFailedTests, numPendingTests } = report;
    // A test that did not run where it should have, and a file that broke outside its tests, are failures too.
    const isBroken = numFailedTests === 0 && (!isWell || passed === 0);
    const failed = numFailedTests + numPendingTests + Number(isBroken);
    return { passed, failed, text: `ran, ${passed} passed, ${failed} failed` };
  } catch {
    return { passed: 0, failed: 1, text: 'broke before its tests could be counted' };
  }
};

/** Runs the tests of one part in a process of their own. */
export const testPart = async (root: string, part: string, scratch: string): Promise<Tested> => {
  const beganMs = performance.now();
  const file = join(scratch, `${part}.json`);
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const files = ['--config', 'tests/vitest.config.ts', '--project', 'parts', `tests/parts/${part}.test.ts`];
  const reports = ['--reporter', 'default', '--reporter', 'json', '--outputFile.json', file];
  const child = spawn(process.execPath, [vitest, 'run', ...files, ...reports], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  const counts = await countsIn(file, code === 0);
  const seconds = Math.round((performance.now() - beganMs) / 1000);
  return { ...counts, text: `${counts.text}, ${seconds} s`, output: `${out}${err}` };
};

/** Works through all items, so many at a time. */
export const inLanes = async <T>(
  lanes: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> => {
  const left = [...items];
  const lane = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
};
