import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { Quarantine } from '#schema/quarantine';
import { Replica, Stf } from '#schema/stf';
import { recordsOf } from './records.ts';
import { type OddRecording, oddRecordings } from './whole/odd-recordings.ts';
import { aRecording, aScratch, startWhole } from './whole/whole-house.ts';

const Account = z.object({
  stfs: z.object({ seen: z.int(), archived: z.int(), processed: z.int() }),
  messages: z.object({ quarantined: z.int() }),
  isWhole: z.boolean(),
  shortfalls: z.array(z.object({ kind: z.string(), count: z.int(), what: z.string() })),
});

/** Counts from stores and files, not through papilio. */
const truthOf = (folder: string) => {
  const [archive, work] = [recordsOf(folder, 'archive'), recordsOf(folder, 'work')];
  const held = [...archive.of('quarantine', Quarantine), ...work.of('quarantine', Quarantine)].filter(
    ({ state }) => state === 'held',
  );
  const files = readdirSync(join(folder, 'archive', 'objects', 'data'), { recursive: true, withFileTypes: true });
  return {
    archived: archive.of('replica', Replica).length,
    files: files.filter((entry) => entry.isFile() && entry.name.endsWith('.stf')).length,
    processed: work.of('stf', Stf).filter(({ processing }) => processing === 'processed').length,
    // Both planes may hold one message, each for its own reason.
    held: new Set(held.map(({ messageId }) => messageId)).size,
  };
};

test.each(oddRecordings.map((row) => [row.name, row] as const))(
  'a recording with %s exits and counts as it should',
  async (_, row: OddRecording) => {
    const scratch = aScratch();
    const folder = join(scratch, 'data');
    const recording = aRecording(scratch, row.lines);
    const words = ['--replay', recording, '--speed', 'max', '--exit', '--json'];
    const { code, out } = await startWhole({ folder, words, environment: { PAPILIO_RUN_CLOSE_S: '1' } }).ended;
    const { stfs, messages, isWhole, shortfalls } = Account.parse(JSON.parse(out));
    const [seen, archived, processed] = row.counts;
    expect({ code, stfs, kinds: shortfalls.map(({ kind }) => kind), isWhole }).toEqual({
      code: row.code,
      stfs: { seen, archived, processed },
      kinds: row.shortfalls,
      isWhole: row.code === 0,
    });
    const truth = truthOf(folder);
    expect({ archived, files: archived, processed, held: messages.quarantined }).toEqual(truth);
  },
);
