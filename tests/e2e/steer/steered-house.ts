import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type * as z from 'zod';
import { JobView, StfView } from '#schema/view';
import { frontOf } from '../../../local/supervisor/front-client.ts';
import { plainEnvironment } from '../../builders/plain-environment.ts';
import { type AnnouncedHouse, anAnnouncedHouse } from '../announced/announced-house.ts';
import { recordsOf } from '../records.ts';

const main = fileURLToPath(new URL('../../../clients/cli/main.ts', import.meta.url));

/** What a command said, and how it ended. */
export type Said = { readonly out: string; readonly err: string; readonly code: number };

/** What was posted, as it was answered. */
export type Posted = { readonly status: number; readonly body: unknown };

/** A house whose jobs and facilities are steered, by commands and over HTTP. */
export type SteeredHouse = {
  readonly daq: AnnouncedHouse;
  readonly papilio: (...words: string[]) => Promise<Said>;
  /** Undefined while the front does not answer. */
  readonly post: (path: string, key: string, body?: object) => Promise<Posted | undefined>;
  readonly get: <S extends z.ZodType>(path: string, schema: S) => Promise<z.output<S>>;
  readonly job: (stf: string) => Promise<JobView | undefined>;
  /** Resolves with the job of an STF as soon as it is as asked. */
  readonly untilJob: (stf: string, holds: (job: JobView) => boolean) => Promise<JobView>;
  /** Writes and announces an STF; gives its name. */
  readonly bring: (sequence: number) => Promise<string>;
};

/** The real command, on a data folder. */
export const papilioIn =
  (folder: string) =>
  (...words: string[]): Promise<Said> =>
    new Promise((resolve) => {
      const env = { ...plainEnvironment, PAPILIO_DATA: folder };
      execFile(process.execPath, [main, ...words], { env }, (error, out, err) =>
        resolve({ out, err, code: error === null ? 0 : Number(error.code) }),
      );
    });

/** Opens it; it is stopped after the test. */
export const aSteeredHouse = async (environment: Readonly<Record<string, string>> = {}): Promise<SteeredHouse> => {
  const daq = await anAnnouncedHouse(environment);
  const { baseUrl } = await frontOf(daq.folder);
  const token = readFileSync(join(daq.folder, 'admin.token'), 'utf8').trim();
  const get: SteeredHouse['get'] = async (path, schema) => schema.parse(await daq.ask(path));
  const post: SteeredHouse['post'] = async (path, key, body = { why: 'a wrong calibration' }) => {
    try {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}`, 'idempotency-key': key };
      const answer = await fetch(`${baseUrl}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
      return { status: answer.status, body: await answer.json() };
    } catch {
      return undefined;
    }
  };
  const job: SteeredHouse['job'] = async (stf) => {
    const jobId = StfView.safeParse(await daq.ask(`/v1/stfs/${stf}`)).data?.stf?.jobId;
    return jobId === undefined ? undefined : JobView.safeParse(await daq.ask(`/v1/jobs/${jobId}`)).data;
  };
  return {
    daq,
    papilio: papilioIn(daq.folder),
    post,
    get,
    job,
    untilJob: async (stf, holds) => {
      for (;;) {
        const found = await job(stf);
        if (found && holds(found)) return found;
        await delay(50);
      }
    },
    bring: async (sequence) => {
      const stf = await daq.write(sequence);
      await daq.announce(stf);
      return stf.name;
    },
  };
};

/** Whether the process that an attempt is known by, its group's first, still lives. */
export const isAlive = ({ attempts }: JobView): boolean => {
  const pid = Number(attempts.at(-1)?.handle?.split('@')[0]);
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Types of the events about a thing, read from the file of a house that has ended. */
export const typesIn = ({ daq }: SteeredHouse, subject: string): string[] =>
  recordsOf(daq.folder, 'work')
    .events.filter((event) => event.subject === subject)
    .map(({ type }) => type);

/** How often a type is among them. */
export const times = (all: readonly string[], type: string): number => all.filter((one) => one === type).length;
