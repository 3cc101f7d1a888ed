import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { EventPage } from '#schema/view';
import { aScratch } from '../whole/whole-house.ts';
import { anErrorHouse, aRun } from './error-house.ts';

/** What an attempt can end with, beside what the tests of bad input show: each STF’s payload ends in its own way. */
const run = 4803;
const faults = { 1: 'eat-memory', 2: 'leave-nothing', 3: 'hang' };
const soon = { timeout: 45_000, interval: 100 };
const Told = z.looseObject({ code: z.string().optional(), handle: z.string().optional() });

/** A payload that does nothing well. */
const program = `
const behave = process.env.PAPILIO_PAYLOAD_BEHAVE;
if (behave === 'hang') setInterval(() => {}, 60_000);
const eaten = [];
while (behave === 'eat-memory' && eaten.length < 250) eaten.push(Buffer.alloc(16_000_000, 1));
`;

/** The error code of a request for a log, if there is none. */
const logCode = async (url: string): Promise<string | undefined> => {
  const answer = await fetch(url);
  return answer.ok ? undefined : Told.parse(await answer.json()).code;
};

/** Ends a payload with its wrapper, as a machine that falls does. */
const killAll = (handle: string): void => {
  try {
    process.kill(-Number.parseInt(handle, 10), 'SIGKILL');
  } catch {
    // it is gone already
  }
};

test('payload-memory, output-missing and payload-lost: a payload that eats, one that leaves nothing, one whose machine falls; log-pruned: what is not kept', async () => {
  const scratch = aScratch();
  const programs = join(scratch, 'programs');
  mkdirSync(programs);
  for (const name of ['hits.ts', 'merge.ts', 'warm.ts']) writeFileSync(join(programs, name), program);
  const byName = Object.fromEntries(Object.entries(faults).map(([n, fault]) => [`swf.${run}.00000${n}.stf`, fault]));
  const environment = { PAPILIO_PAYLOAD_FOLDER: programs, PAPILIO_PAYLOAD_FAULTS: JSON.stringify(byName) };
  const papilio = await anErrorHouse(scratch, aRun(run, 3), { environment, waits: false });
  const told = async (type: string) =>
    (await papilio.get(`/v1/events?type=${type}&limit=1000`, EventPage)).items.map(({ subject, data }) => ({
      subject,
      ...Told.parse(data),
    }));
  const isThird = ({ subject }: { readonly subject: string }) => subject.includes('-00000003-');
  const handles = async () => (await told('job.submitted')).filter(isThird).flatMap(({ handle }) => handle ?? []);
  const codes = async () => (await told('job.settled')).map(({ code }) => code);
  try {
    await expect.poll(handles, soon).not.toEqual([]);
    const [job] = (await told('job.submitted')).filter(isThird);
    for (const handle of await handles()) killAll(handle);
    const wanted = ['payload-memory', 'output-missing', 'payload-lost'];
    await expect.poll(codes, soon).toEqual(expect.arrayContaining(wanted));
    await papilio.act(`/v1/jobs/${job?.subject}/cancel`);
    const eaten = (await told('job.settled')).find(({ code }) => code === 'payload-memory')?.subject;
    // What the rule does after its days, at once: an attempt whose end is settled is one file in `ended/`.
    const prunedCode = () => {
      rmSync(join(papilio.folder, 'work/jobs/ended'), { recursive: true, force: true });
      return logCode(`${papilio.baseUrl}/v1/jobs/${eaten}/log`);
    };
    await expect.poll(prunedCode, soon).toBe('log-pruned');
  } finally {
    const left = await handles();
    await papilio.house.stop();
    for (const handle of left) killAll(handle);
  }
}, 90_000);
