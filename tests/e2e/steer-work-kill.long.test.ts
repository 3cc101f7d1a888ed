import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ExecutionPage } from '#schema/execution';
import type { JobView } from '#schema/view';
import { recordsOf } from './records.ts';
import { aSteeredHouse, isAlive, type SteeredHouse, times, typesIn } from './steer/steered-house.ts';

/** Cancels a job while the work plane is killed, so soon after it was asked; asked again until it is done. */
const cancelThroughKill = async ({ daq, post }: SteeredHouse, id: string, afterMs: number): Promise<void> => {
  const cancel = () => post(`/v1/jobs/${id}/cancel`, `cancel-${id}`);
  const asked = cancel();
  await delay(afterMs);
  process.kill(daq.house.pid('work') ?? 0, 'SIGKILL');
  await asked;
  while ((await cancel())?.status !== 200) await delay(100);
};

test('jobs are cancelled once while the work plane is killed, whatever it was at, and no payload is left', async () => {
  const sequences = [1, 2, 3, 4];
  const faults = Object.fromEntries(sequences.map((sequence) => [`swf.4001.00000${sequence}.stf`, 'hang']));
  const house = await aSteeredHouse({ PAPILIO_PAYLOAD_FAULTS: JSON.stringify(faults), PAPILIO_LOCAL_SLOTS: '2' });
  const names = await Promise.all(sequences.map((sequence) => house.bring(sequence)));
  const open = await Promise.all(names.map((name) => house.untilJob(name, () => true)));
  for (const [at, { id }] of open.entries()) await cancelThroughKill(house, id, at * 3);
  const isOver = ({ state, attempts }: JobView) =>
    state === 'cancelled' && attempts.every((attempt) => attempt.state === 'settled');
  const ended = await Promise.all(names.map((name) => house.untilJob(name, isOver)));
  for (const job of ended) while (isAlive(job)) await delay(50);
  const running = '/v1/executions?status=RUNNING&plane=work&machine=run-job';
  while ((await house.get(running, ExecutionPage)).items.length > 0) await delay(100);
  await house.daq.house.stop();
  for (const { id } of ended) expect(times(typesIn(house, id), 'job.cancelled')).toBe(1);
  const { nouns } = recordsOf(house.daq.folder, 'work');
  expect(nouns.filter((noun) => noun === 'placement' || noun === 'bundle')).toEqual([]);
}, 120_000);
