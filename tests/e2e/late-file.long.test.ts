import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { anAnnouncedHouse } from './announced/announced-house.ts';

test('an STF whose file was given up as lost is archived and processed when it comes with a repeat', async () => {
  const daq = await anAnnouncedHouse({ PAPILIO_LOCAL_SLOTS: '1', PAPILIO_FILE_WAIT_S: '5' });
  const stf = await daq.write(1, join(daq.folder, '..', 'beside.stf'));
  await daq.announce(stf);
  await daq.until(stf.name, (view) => view?.processing === 'failed');
  while (!(await daq.textOf('/v1/quarantine')).includes('stf-file-lost')) await delay(200);
  await daq.write(1);
  await daq.announce(stf);
  await daq.until(stf.name, (view) => view?.isArchived === true && view.processing === 'processed');
  expect(await daq.textOf(`/v1/stfs/${stf.name}/trace`)).toContain('00004001-00000001-p2-hits');
}, 180_000);
