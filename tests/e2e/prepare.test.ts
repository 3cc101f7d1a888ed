import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Job } from '#schema/job';
import { Output } from '#schema/output';
import { anAnnouncedHouse } from './announced/announced-house.ts';
import { recordsOf } from './records.ts';

test('a run that is announced twice and never comes is prepared for once and leaves nothing behind', async () => {
  const daq = await anAnnouncedHouse({ PAPILIO_LOCAL_SLOTS: '1' });
  const imminent = (sender: string) =>
    daq.say({ msg_type: 'run_imminent', run_id: 4001, timestamp: '2026-11-24T05:59:00.000000', sender });
  await imminent('daq');
  await imminent('daq again');
  const jobs = () => recordsOf(daq.folder, 'work').of('job', Job);
  while (jobs().filter((job) => job.state === 'succeeded').length < 4) await delay(50);
  // The one slot is free again: an STF gets it.
  const stf = await daq.write(1);
  await daq.announce(stf);
  await daq.until(stf.name, (view) => view?.processing === 'processed');
  await daq.house.stop();
  const work = recordsOf(daq.folder, 'work');
  expect(
    jobs()
      .map(({ task, state }) => [task, state])
      .toSorted(),
  ).toEqual([['stf-hits', 'succeeded'], ...Array.from({ length: 4 }, () => ['warm-up', 'succeeded'])]);
  expect(work.of('output', Output).map(({ stfId }) => stfId !== undefined)).toEqual([true]);
  expect(work.nouns.filter((noun) => ['outbox', 'bundle', 'placement'].includes(noun))).toEqual([]);
}, 60_000);
