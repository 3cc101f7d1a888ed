import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoRecording } from '../../local/sim/daq/demo.ts';
import { installMissing } from '../../local/stack/installing.ts';
import { countOf, differencesOf } from '../../local/stack/records/differences.ts';
import { type Kept, keptBy } from '../../local/stack/records/kept.ts';
import type { StackFile } from '../../local/stack/stack-file.ts';
import { plainEnvironment } from '../builders/plain-environment.ts';
import { stackCommand } from './stack/a-stack.ts';

/** One recording, played by `npm start` in every mode: what is kept in the end is the same. */
const papilio = fileURLToPath(new URL('../../local/main.ts', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'papilio replay '));
const recording = join(scratch, 'recording.jsonl');
const kinds: readonly StackFile['kind'][] = ['ministack', 'localstack'];
const stackOf = (kind: string): string => join(scratch, `stack-${kind}`);

/** Plays the recording to its end, and returns what is kept of it. */
const play = async (name: string, ...words: string[]): Promise<Kept> => {
  const data = join(scratch, name);
  const args = [papilio, '--data', data, '--replay', recording, '--speed', 'max', '--exit', '--json', '--port', '0'];
  // All are the same papilio, whatever is committed in the meantime.
  const env = { ...plainEnvironment, PAPILIO_INSTANCE: 'test', PAPILIO_BUILD: 'papilio-0.1.0' };
  await new Promise<void>((resolve, reject) => {
    execFile(process.execPath, [...args, ...words], { env, cwd: scratch }, (error, out, err) => {
      if (error === null) resolve();
      else reject(new Error(`${name} ended with ${error.code}: ${out}\n${err.slice(-3000)}`));
    });
  });
  return keptBy(data);
};

let embedded: Kept;
beforeAll(async () => {
  for (const kind of kinds) installMissing(kind, () => undefined);
  await writeFile(recording, `${demoRecording(1001, new Date('2026-03-01T12:00:00Z')).join('\n')}\n`);
  embedded = await play('embedded');
}, 1_500_000);
afterAll(async () => {
  for (const kind of kinds) await stackCommand(['reset', '--yes', '--stack', stackOf(kind)]);
  await rm(scratch, { recursive: true, force: true });
}, 60_000);

describe.each(kinds)('a recording played on %s', (kind) => {
  test('leaves the records and objects that it leaves where papilio brings all itself', async () => {
    const kept = await play(kind, '--on', 'stack', '--with', kind, '--stack', stackOf(kind));
    expect(differencesOf(embedded, kept)).toEqual([]);
    const { records, objects } = countOf(kept);
    expect(records).toBeGreaterThan(100);
    // Twelve STFs, an output of each, what the run's were merged into, and the list of its inputs.
    expect(objects).toBe(26);
  });
});
