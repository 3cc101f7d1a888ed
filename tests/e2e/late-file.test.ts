import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { PlacementPage } from '#schema/assignment';
import { ExecutionPage } from '#schema/execution';
import { Output } from '#schema/output';
import { anAnnouncedHouse } from './announced/announced-house.ts';
import { recordsOf } from './records.ts';

/** Who announces a file before it is written, or leaves a bad one first, finds it archived and processed all the same. */

const flipBit = async (path: string) => {
  await using file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, 200_000);
  await file.write(Buffer.from([byte.readUInt8(0) ^ 1]), 0, 1, 200_000);
};

test('an STF whose file comes after its message is archived and processed', async () => {
  const daq = await anAnnouncedHouse({ PAPILIO_LOCAL_SLOTS: '1' });
  const stf = await daq.write(1, join(daq.folder, '..', 'beside.stf'));
  await daq.announce(stf);
  await daq.until(stf.name, (view) => view?.processing === 'waiting');
  const trace = () => daq.textOf(`/v1/stfs/${stf.name}/trace`);
  const archiving = async () => {
    const { items } = ExecutionPage.parse(await daq.ask('/v1/executions?machine=archive-stf&plane=archive'));
    return daq.textOf(`/v1/executions/${items[0]?.id}/history`);
  };
  while (!(await archiving()).includes('stf-file-missing')) await delay(50);
  const placements = async () => PlacementPage.parse(await daq.ask('/v1/placements')).items;
  expect(await placements()).toMatchObject([
    { explain: { held: expect.stringContaining(`${stf.name} is not archived`) } },
  ]);
  expect(await trace()).not.toContain('job.submitted');
  await daq.write(1);
  await daq.until(stf.name, (view) => view?.isArchived === true && view.processing === 'processed');
  expect(await trace()).toContain('output.registered');
}, 60_000);

test('an STF whose file was corrupt is processed by itself, in a second pass, when a good one and a repeat come', async () => {
  const daq = await anAnnouncedHouse({ PAPILIO_LOCAL_SLOTS: '1' });
  const stf = await daq.write(1);
  await flipBit(stf.path);
  await daq.announce(stf);
  await daq.until(stf.name, (view) => view?.processing === 'failed' && view.isArchived === false);
  await rm(stf.path);
  await daq.write(1);
  await daq.announce(stf);
  await daq.until(stf.name, (view) => view?.isArchived === true && view.processing === 'processed');
  await daq.announce(stf);
  await daq.house.stop();
  const work = recordsOf(daq.folder, 'work');
  const outputs = work.of('output', Output).filter(({ stfId }) => stfId !== undefined);
  expect(outputs.map(({ name, pass }) => [name, pass])).toEqual([
    [expect.stringContaining('00004001-00000001-p2-hits'), 2],
  ]);
  const types = work.events.map(({ type }) => type);
  for (const type of ['stf.failed', 'stf.reopened', 'stf.processed'])
    expect(types.filter((one) => one === type)).toHaveLength(1);
}, 60_000);
