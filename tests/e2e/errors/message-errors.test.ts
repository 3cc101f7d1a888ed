import { expect, test } from 'vitest';
import * as z from 'zod';
import { QuarantinePage } from '#schema/view';
import { aScratch } from '../whole/whole-house.ts';
import { anErrorHouse, aRun } from './error-house.ts';

/** What a message of the DAQ can be held for, beside what the tests of bad input and of faulty files show. */
const Line = z.looseObject({ body: z.record(z.string(), z.unknown()) });
const withBody = (line: string | undefined, fields: Readonly<Record<string, unknown>>): string => {
  const parsed = Line.parse(JSON.parse(line ?? ''));
  return JSON.stringify({ ...parsed, body: { ...parsed.body, ...fields } });
};

test('stf-sequence-out-of-range and stf-content-differs: what is announced with 9 digits, or again and otherwise', async () => {
  const run = 4802;
  const lines = aRun(run);
  const stf = lines.find((line) => line.includes('"stf_gen"'));
  const beyond = withBody(stf, { filename: `swf.${run}.100000000.stf`, sequence: 100_000_000 });
  const again = withBody(stf, { timestamp: '2026-11-24T06:10:00.000000', sim: { seed: 99 } });
  const scratch = aScratch();
  const first = await anErrorHouse(scratch, [...lines, beyond]);
  await first.house.stop();
  const papilio = await anErrorHouse(scratch, [again]);
  try {
    const { items } = await papilio.get('/v1/quarantine', QuarantinePage);
    expect(items.map(({ problem }) => problem.code)).toEqual(
      expect.arrayContaining(['stf-sequence-out-of-range', 'stf-content-differs']),
    );
  } finally {
    await papilio.house.stop();
  }
}, 60_000);
