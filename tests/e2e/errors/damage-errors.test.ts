import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { Status } from '#schema/status';
import { frontOf } from '../../../local/supervisor/front-client.ts';
import { type House, startHouse } from '../../../local/supervisor/house.ts';
import { fillStores } from '../../builders/a-stored-folder.ts';
import { changePage, flipBit, tamper } from '../../builders/damaged-file.ts';
import { plainEnvironment } from '../../builders/plain-environment.ts';
import { aScratch } from '../whole/whole-house.ts';
import { say } from './error-house.ts';

const soon = { timeout: 60_000, interval: 500 };
const outputOf = (sequence: number) => `test_output_00102363-${String(sequence).padStart(8, '0')}-p1-hits`;

/** A folder of 80 STFs in which one archived file, one record and one page of a store are damaged. */
const aDamagedFolder = async () => {
  const folder = join(aScratch(), 'data');
  await fillStores(folder, 80);
  const file = join(folder, 'archive/objects/data/00102363/+000000/swf.102363.000002.stf');
  const before = readFileSync(file);
  flipBit(file);
  const changed =
    "UPDATE items SET doc = replace(doc, '\"sequence\":3', '\"sequence\":4') WHERE pk LIKE '%-00000003' AND sk = 'replica'";
  tamper(join(folder, 'archive/store.db'), changed);
  const holds = (page: Buffer) => page.includes(`"id":"${outputOf(40)}"`);
  changePage(join(folder, 'work/store.db'), 'items', holds, (page) => page.fill(0));
  return { folder, repair: () => writeFileSync(file, before) };
};

const start = async (folder: string): Promise<House> => {
  const environment = { ...plainEnvironment, PAPILIO_SCRUB_EVERY_H: '0' };
  const house = await startHouse({ folder, port: 0, environment });
  onTestFinished(() => house.stop());
  return house;
};

test('record-corrupt and store-corrupt: damage is named by reads, status and doctor, and cleared when it is repaired', async () => {
  const { folder, repair } = await aDamagedFolder();
  await start(folder);
  const { baseUrl, token } = await frontOf(folder);
  const get = async (path: string): Promise<unknown> =>
    (await fetch(`${baseUrl}${path}`, { headers: { authorization: `Bearer ${token}` } })).json();
  const damaged = async () => {
    const { broken } = Status.parse(await get('/v1/status'));
    return broken.filter(({ kind }) => kind === 'bytes-damaged').map(({ what, evidence }) => `${what}: ${evidence}`);
  };
  expect(await get('/v1/stfs/test_stf_00102363-00000003')).toMatchObject({ code: 'record-corrupt', status: 503 });
  expect(await get(`/v1/outputs/${outputOf(40)}`)).toMatchObject({ code: 'store-corrupt', status: 503 });
  await expect
    .poll(damaged, soon)
    .toEqual([
      'archived files and records of the archive plane are damaged: swf.102363.000002.stf, test_stf_00102363-00000003/replica',
      expect.stringContaining('records of the work plane are damaged: '),
    ]);
  const doctor = await say('papilio', ['doctor', '--deep', '--data', folder, '--json']);
  expect(doctor.exit).toBe(1);
  repair();
  await expect
    .poll(damaged, soon)
    .toContain('records of the archive plane are damaged: test_stf_00102363-00000003/replica');
  const types = z.object({ items: z.array(z.object({ type: z.string() })) });
  const { items } = types.parse(await get('/v1/events?limit=100&type=object.damaged,object.restored'));
  expect(items.map(({ type }) => type).sort()).toEqual(['object.damaged', 'object.restored']);
});
