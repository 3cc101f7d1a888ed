import { createChecksums } from '#lib/model/checksum';
import { facetRevisions, jobs, stfs } from '#lib/records';
import type { Job } from '#schema/job';
import type { Stf } from '#schema/stf';
import { inboxes } from '../../../functions/catalog.ts';
import { aHouseInMemory, type HouseInMemory } from '../../builders/a-house-in-memory.ts';
import { type AnStfMessage, anStfMessage } from '../../builders/a-message.ts';

/** A house in memory whose DAQ and clock are the test. */

const runId = 'test_run_00102363';

/** What is in the file of an STF. */
export const bytesOf = (sequence: number): Buffer => Buffer.from(`hits of ${sequence}`);

/** The message of an STF, with its size and checksum. */
export const messageOf = (sequence: number): AnStfMessage => {
  const checksums = createChecksums();
  checksums.update(bytesOf(sequence));
  const { sizeBytes, adler32 } = checksums.digest();
  return anStfMessage(sequence, { size: sizeBytes, checksum: `ad:${adler32}` });
};

/** Opens a house with the files of some STFs. */
export const aDrivenHouse = (
  sequences: readonly number[],
  environment: Readonly<Record<string, string>> = {},
): Promise<HouseInMemory> => {
  const files = new Map(sequences.map((sequence) => [messageOf(sequence).fact.name, bytesOf(sequence)]));
  return aHouseInMemory({ seed: 1, files, environment });
};

/** Says what the bridge says of STFs. */
export const announce = async ({ planes }: HouseInMemory, sequences: readonly number[]): Promise<void> => {
  const { queues, now } = planes.archive.deps;
  const messages = sequences.map((sequence) => ({ ...messageOf(sequence), receivedAt: now() }));
  for (const inbox of [inboxes.archive, inboxes.work]) await queues.send(inbox, messages);
};

export const jobsIn = async ({ planes }: HouseInMemory): Promise<Job[]> =>
  (await jobs.list(planes.work.deps.store, 'i1', `${runId}#jobs`)).items.map(({ doc }) => doc);

export const stfsIn = async ({ planes }: HouseInMemory): Promise<Stf[]> =>
  (await stfs.list(planes.work.deps.store, 'i1', `${runId}#stfs`)).items.map(({ doc }) => doc);

/** What a facet was, one after the other. */
export const valuesOf = async ({ planes }: HouseInMemory, facet: string): Promise<string[]> =>
  (await facetRevisions.list(planes.work.deps.store, 'i1', `facet#${facet}`)).items.map(({ doc }) => doc.value);

/** Lets so much time go by; all that is due on the way happens. */
export const pass = async ({ world: { clock } }: HouseInMemory, ms: number): Promise<void> => {
  const endMs = clock.nowMs() + ms;
  for (await clock.idle(); clock.nowMs() < endMs; await clock.idle()) await clock.next();
};

/** Lets time go by until something holds, at most five minutes; returns how long that took, in ms. */
export const until = async ({ world: { clock } }: HouseInMemory, holds: () => Promise<boolean>): Promise<number> => {
  const beganMs = clock.nowMs();
  for (await clock.idle(); !(await holds()); await clock.idle()) {
    if (clock.nowMs() - beganMs > 300_000) throw new RangeError('it does not come to hold');
    await clock.next();
  }
  return clock.nowMs() - beganMs;
};
