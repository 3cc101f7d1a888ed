import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { stfName } from '#lib/model/stf-name';
import { tfAt } from '#lib/model/tf-range';
import { Replica, Stf } from '#schema/stf';
import { CoverageView, TfView } from '#schema/tf-index';
import { QuarantinePage, RunView } from '#schema/view';
import { demoRecording } from '../../local/sim/daq/demo.ts';
import { type StfSpec, writeStf } from '../../local/sim/daq/generator.ts';
import { type AnnouncedHouse, anAnnouncedHouse } from './announced/announced-house.ts';
import { recordsOf } from './records.ts';
import { aScratch, startWhole, summaryOf } from './whole/whole-house.ts';

/** Runs and sequences up to 8 digits, and files that number their TFs in several ways. */

test('a run whose sequences pass the border of a block is archived and processed whole', async () => {
  const scratch = aScratch();
  const [run, folder, recording] = [4802, join(scratch, 'data'), join(scratch, 'long.jsonl')];
  writeFileSync(recording, demoRecording(run, new Date('2026-11-24T06:00:00Z'), [134_216, 134_217]).join('\n'));
  const words = ['--replay', recording, '--speed', 'max', '--exit', '--json'];
  const { code, out } = await startWhole({ folder, words }).ended;
  expect(code).toBe(0);
  expect(summaryOf(out).stfs).toMatchObject({ seen: 2, archived: 2, processed: 2, failed: 0 });
  const stfs = recordsOf(folder, 'work').of('stf', Stf);
  expect(stfs.map(({ tfFirst, tfEnd }) => [tfFirst, tfEnd])).toEqual([
    [String(tfAt(run, 134_216_000)), String(tfAt(run, 134_217_000))],
    [String(tfAt(run, 134_217_000)), String(tfAt(run, 134_218_000))],
  ]);
  expect(stfs[1]?.tfRanges).toHaveLength(2);
}, 60_000);

const leave = async (daq: AnnouncedHouse, fields: Pick<StfSpec, 'run' | 'sequence'> & Partial<StfSpec>) => {
  const spec = { seed: 1, sizeBytes: 20_000, tfCount: 10, state: 'run', substate: 'physics', ...fields };
  const name = stfName(spec);
  const stf = await writeStf(join(daq.folder, 'incoming', name), spec);
  await daq.announce(stf, { run_id: spec.run, filename: name });
  return name;
};

const Refusal = z.looseObject({ code: z.string(), detail: z.string().optional() });

test('numbers follow from the files, in any run: bx-ambiguous and stf-not-numbered are named, and all is archived', async () => {
  const daq = await anAnnouncedHouse({ PAPILIO_TFS_PER_STF: '2000' });
  const names = [
    await leave(daq, { run: 2_097_152, sequence: 1 }),
    await leave(daq, { run: 99_999_999, sequence: 134_217 }),
    await leave(daq, { run: 2000, sequence: 100, tfsPerStf: 10 }),
    await leave(daq, { run: 2000, sequence: 101, tfsPerStf: 20 }),
    await leave(daq, { run: 4000, sequence: 200, tfsPerStf: 10, bxPerTf: 32_768 }),
  ];
  await daq.say({ msg_type: 'start_run', run_id: 2000, timestamp: '2026-11-24T06:00:00.000000' });
  const last = await leave(daq, { run: 1, sequence: 99_999_999 });
  for (const name of names)
    await daq.until(name, (view) => view?.isArchived === true && view.processing === 'processed');
  await daq.until(last, (view) => view?.isArchived === true);
  const held = async () =>
    QuarantinePage.parse(await daq.ask('/v1/quarantine')).items.map(({ problem }) => problem.code);
  await expect.poll(held).toEqual(['stf-not-numbered']);

  const find = async (path: string) => TfView.parse(await daq.ask(path));
  const bx = tfAt(2000, 1001) * 65_536n;
  expect(Refusal.parse(await daq.ask(`/v1/bxs/${bx}`))).toMatchObject({ code: 'bx-ambiguous' });
  expect(await find(`/v1/bxs/${bx}?run=4000`)).toMatchObject({ run: 4000, tf: String(tfAt(4000, 2002)), bxInTf: 0 });
  expect(await find(`/v1/bxs/${bx}?run=2000`)).toMatchObject({ run: 2000, tf: String(tfAt(2000, 1001)) });
  const far = tfAt(99_999_999, 134_217_005);
  expect(await find(`/v1/bxs/${far * 65_536n + 7n}`)).toMatchObject({
    run: 99_999_999,
    tf: String(far),
    bxFirst: String(far * 65_536n),
    bxInTf: 7,
  });
  expect(await find(`/v1/tfs/${tfAt(1, 99_999_999_003)}`)).toMatchObject({ run: 1 });
  expect(RunView.pick({ numbering: true }).parse(await daq.ask('/v1/runs/2000'))).toMatchObject({
    numbering: { tfsPerStf: 10, sequence: 100, differing: [{ tfsPerStf: 20, sequences: [101] }] },
  });
  expect(CoverageView.parse(await daq.ask('/v1/runs/99999999/coverage'))).toMatchObject({ tfsHeld: 10, gaps: 0 });
  await daq.house.stop();
  expect(recordsOf(daq.folder, 'archive').of('replica', Replica)).toHaveLength(6);
}, 60_000);
