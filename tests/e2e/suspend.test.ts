import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Event } from '#schema/event';
import { Output } from '#schema/output';
import { type AnnouncedHouse, anAnnouncedHouse } from './announced/announced-house.ts';
import { recordsOf } from './records.ts';

/** Processing is suspended and resumed; archiving goes on, nothing is lost, nothing comes twice. */

const sequences = [1, 2, 3, 4, 5];

const steer = (daq: AnnouncedHouse, verb: 'suspend' | 'resume', name: string) =>
  daq.send('work', 'steer-processing', {
    id: `${daq.house.instance}_command_${name}`,
    action: `processing.${verb}`,
    subject: `${daq.house.instance}_facet_processing`,
    by: 'anna',
    why: 'a new firmware',
    at: new Date().toISOString(),
  });

const eventsOf = (daq: AnnouncedHouse): readonly Event[] => recordsOf(daq.folder, 'work').events;
const facetsIn = (events: readonly Event[], facet: string) =>
  events.flatMap(({ type, data }) => (type === 'facet.changed' && data.facet === facet ? [data.value] : []));
const untilEvents = async (daq: AnnouncedHouse, holds: (events: readonly Event[]) => boolean) => {
  while (!holds(eventsOf(daq))) await delay(50);
};

test('while an operator suspends processing, STFs are archived and wait, also through a kill; then all are processed', async () => {
  const daq = await anAnnouncedHouse({ PAPILIO_LOCAL_SLOTS: '2' });
  await steer(daq, 'suspend', '1');
  await untilEvents(daq, (events) => events.some(({ type }) => type === 'command.done'));
  const written = await Promise.all(sequences.map((sequence) => daq.write(sequence)));
  for (const stf of written.slice(0, 3)) await daq.announce(stf);
  for (const { name } of written.slice(0, 3))
    await daq.until(name, (view) => view?.isArchived === true && view.processing === 'waiting');
  process.kill(daq.house.pid('work') ?? 0, 'SIGKILL');
  for (const stf of written.slice(3)) await daq.announce(stf);
  for (const { name } of written) {
    await daq.until(name, (view) => view?.isArchived === true && view.processing === 'waiting');
    while (!(await daq.textOf(`/v1/stfs/${name}/trace`)).includes('anna: a new firmware')) await delay(50);
  }
  expect(eventsOf(daq).filter(({ type }) => type === 'job.assigned')).toEqual([]);
  await steer(daq, 'resume', '2');
  for (const { name } of written) await daq.until(name, (view) => view?.processing === 'processed');
  await daq.house.stop();
  const events = eventsOf(daq);
  expect(facetsIn(events, 'processing').filter((value) => value === 'suspended-by-operator')).toHaveLength(1);
  expect(events.filter(({ type }) => type === 'job.assigned')).toHaveLength(sequences.length);
  expect(recordsOf(daq.folder, 'work').of('output', Output)).toHaveLength(sequences.length);
}, 60_000);

test('a stream that falls silent suspends processing, and its next STF resumes it', async () => {
  const daq = await anAnnouncedHouse({ PAPILIO_LOCAL_SLOTS: '1', PAPILIO_SILENCE_S: '1' });
  const [first, second] = [await daq.write(1), await daq.write(2)];
  await daq.announce(first);
  await untilEvents(daq, (events) => facetsIn(events, 'processing').includes('suspended-by-silence'));
  await daq.until(first.name, (view) => view?.processing === 'processed');
  await daq.announce(second);
  await untilEvents(daq, (events) => facetsIn(events, 'processing').filter((value) => value === 'running').length > 1);
  await daq.until(second.name, (view) => view?.processing === 'processed');
  expect(facetsIn(eventsOf(daq), 'stream').slice(0, 3)).toEqual(['flowing', 'silent', 'flowing']);
}, 60_000);
