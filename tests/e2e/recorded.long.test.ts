import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Quarantine } from '#schema/quarantine';
import { recordsOf } from './records.ts';
import { aScratch, startWhole, summaryOf } from './whole/whole-house.ts';

const recordingOf = (name: string): string => fileURLToPath(new URL(`../fixtures/messages/${name}`, import.meta.url));

/** The experiment's own recordings in both dialects, as fast as they go. @see 3.1 */
test.each([
  ['stf_datataking.stf_processing_default.jsonl', 10],
  ['daqsim.schedule-rt.jsonl', 69],
])('%s ends with every STF archived and processed, and nothing in quarantine', async (name, stfs) => {
  const folder = join(aScratch(), 'data');
  const words = ['--replay', recordingOf(name), '--speed', 'max', '--exit', '--json'];
  const { code, out } = await startWhole({ folder, words }).ended;
  expect(summaryOf(out).stfs).toMatchObject({ seen: stfs, archived: stfs, processed: stfs, failed: 0, quarantined: 0 });
  expect(code).toBe(0);
  for (const plane of ['archive', 'work']) expect(recordsOf(folder, plane).of('quarantine', Quarantine)).toEqual([]);
});
