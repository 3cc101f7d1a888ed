import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Quarantine } from '#schema/quarantine';
import { Replica, Stf } from '#schema/stf';
import { recordsOf } from './records.ts';
import { aScratch, startWhole, summaryOf } from './whole/whole-house.ts';

const run = 1001;
const nameOf = (sequence: number) => `swf.${run}.${String(sequence).padStart(6, '0')}.stf`;
/** The number of a TF by its place in its STF. */
const tfOf = (sequence: number, place: number) => 2n ** 27n * BigInt(run) + 1000n * BigInt(sequence) + BigInt(place);
const rangeOf = (sequence: number, first: number, end: number) => ({
  tfFirst: String(tfOf(sequence, first)),
  tfEnd: String(tfOf(sequence, end)),
});

/** What quarantine says of each: the STF always, the TF where one is at fault. */
const held: Readonly<Record<number, { readonly code: string; readonly reason: readonly string[] }>> = {
  4: { code: 'stf-corrupt', reason: [nameOf(4), `TF ${tfOf(4, 3)}: its CRC-32C is wrong`] },
  8: { code: 'stf-corrupt', reason: [nameOf(8), `TF ${tfOf(8, 5)}: the file ends in it`] },
  10: { code: 'stf-corrupt', reason: [nameOf(10), 'the file is sound and holds run 1001, sequence 10'] },
  12: { code: 'stf-name-mismatch', reason: [`${nameOf(12)} holds run 1001, sequence 13`] },
  18: { code: 'stf-corrupt', reason: [nameOf(18), `TF ${tfOf(18, 9)}: its CRC-32C is wrong`] },
};
const faulty = Object.keys(held).map(Number);
const stfs = Array.from({ length: 22 }, (_, at) => at + 1);

test('each fault of a file is found, named by STF and TF, and no damaged STF is processed', async () => {
  const folder = join(aScratch(), 'data');
  const words = ['--scenario', 'faults', '--seed', '11', '--speed', 'max', '--exit', '--json'];
  const { code, out, said } = await startWhole({ folder, words }).ended;
  expect({ code, said }).toMatchObject({
    code: 1,
    said: expect.stringContaining('plays scenario faults with seed 11'),
  });
  expect(summaryOf(out).stfs).toMatchObject({ seen: 22, archived: 17, processed: 17, failed: 5 });

  const [archive, work] = ['archive', 'work'].map((plane) => recordsOf(folder, plane));
  const quarantined = archive?.of('quarantine', Quarantine) ?? [];
  expect(quarantined).toHaveLength(faulty.length);
  for (const [sequence, { code: problem, reason }] of Object.entries(held)) {
    const found = quarantined.find(({ raw }) => raw.includes(nameOf(Number(sequence))));
    expect(found).toMatchObject({ state: 'held', problem: { code: problem } });
    for (const words of reason) expect(found?.problem.reason).toContain(words);
    // what was found stays where a person can look at it
    expect(existsSync(join(folder, 'incoming', nameOf(Number(sequence))))).toBe(true);
  }

  // A clock that jumps holds up no STF, and is told.
  const jumped = work?.of('quarantine', Quarantine).filter(({ problem }) => problem.code === 'daq-clock-jumped');
  expect(jumped?.map(({ raw }) => [14, 15].filter((sequence) => raw.includes(nameOf(sequence))))).toEqual(
    expect.arrayContaining([[14], [15]]),
  );

  const outcome = new Map(work?.of('stf', Stf).map((stf) => [stf.sequence, stf]));
  const processed = stfs.filter((sequence) => outcome.get(sequence)?.processing === 'processed');
  expect(processed).toEqual(stfs.filter((sequence) => !faulty.includes(sequence)));
  for (const sequence of faulty) {
    expect(outcome.get(sequence)).toMatchObject({ processing: 'failed', failure: { code: held[sequence]?.code } });
    expect(outcome.get(sequence)?.outputId).toBeUndefined();
  }
  const replicas = new Map(archive?.of('replica', Replica).map((replica) => [replica.sequence, replica]));
  expect([...replicas.keys()].toSorted((a, b) => a - b)).toEqual(processed);

  const missing = [rangeOf(6, 2, 4), rangeOf(6, 7, 8)];
  expect(replicas.get(6)?.content).toMatchObject({ tfCount: 997, tfsMissing: missing });
  const told = archive?.events.filter(({ type, data }) => type === 'stf.archived' && 'tfsMissing' in data);
  expect(told?.map(({ data }) => data)).toMatchObject([{ name: nameOf(6), tfCount: 997, tfsMissing: missing }]);
}, 60_000);
