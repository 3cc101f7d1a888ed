import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { Status, Summary } from '#schema/status';
import { QuarantineView, RunPage, RunView } from '#schema/view';
import { type Fetch, fetchOver, ownSocket } from '../../clients/http/socket-fetch.ts';

/** The front, as whoever started the house asks it. */
export type FrontClient = {
  readonly baseUrl: string;
  /** The administrator's, by which whoever started the house asks: once people have to log in, nobody else is known. */
  readonly token: string;
  /** Reaches it over the socket of its folder: the token goes to no port. */
  readonly fetch: Fetch;
  /** The highest run number that the work plane knows. */
  readonly latestRun: () => Promise<number | undefined>;
  /** Resolves when nothing is to be played, queued or running any more. */
  readonly quiet: () => Promise<void>;
  /** Of everything. */
  readonly summary: () => Promise<Summary>;
  /** Of one run; undefined if no message named it. */
  readonly summaryOf: (run: number) => Promise<Summary | undefined>;
  /** Undefined if the work plane knows no such run. */
  readonly run: (run: number) => Promise<RunView | undefined>;
  /** True if either plane holds a message of this name now. */
  readonly isHeld: (name: string) => Promise<boolean>;
};

const FrontFile = z.object({ url: z.url() });
const waitMs = 500;
const retryMs = 250;

type Asking = Pick<FrontClient, 'token' | 'fetch'>;

/** The thing at an address; undefined if there is none. */
const find = async <T>(schema: z.ZodType<T>, url: URL, { token, fetch }: Asking): Promise<T | undefined> => {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  if (response.status === 404) return undefined;
  if (!response.ok)
    throw new Error(`GET ${url.href} answered ${response.status}: ${(await response.text()).slice(0, 500)}`);
  return schema.parse(await response.json());
};

/** Asks again while the front is being started again. */
const insist = async <T>(ask: () => Promise<T>): Promise<T> => {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries >= 120) throw error;
      await delay(retryMs);
    }
  }
};

/** Reads where the front of a data folder listens. */
export const frontOf = async (folder: string): Promise<FrontClient> => {
  const { url: baseUrl } = FrontFile.parse(JSON.parse(await readFile(join(folder, 'front.json'), 'utf8')));
  const token = (await readFile(join(folder, 'admin.token'), 'utf8')).trim();
  const asking = { token, fetch: fetchOver(join(folder, ownSocket)) };
  const seek = <T>(schema: z.ZodType<T>, path: string): Promise<T | undefined> =>
    insist(() => find(schema, new URL(path, baseUrl), asking));
  const ask = async <T>(schema: z.ZodType<T>, path: string): Promise<T> => {
    const found = await seek(schema, path);
    if (found === undefined) throw new Error(`GET ${baseUrl}${path} answered 404`);
    return found;
  };
  return {
    baseUrl,
    ...asking,
    latestRun: async () => (await ask(RunPage, '/v1/runs?limit=1&sort=-run')).items[0]?.run,
    quiet: async () => {
      let after = '';
      for (;;) {
        const query = after === '' ? '' : `?after=${after}&waitMs=${waitMs}`;
        const status = await ask(Status, `/v1/status${query}`);
        if (status.isQuiet) return;
        // Queues empty and executions end without an event: what has no news is asked again before long.
        after = status.position;
      }
    },
    summary: () => ask(Summary, '/v1/summary'),
    summaryOf: (run) => seek(Summary, `/v1/summary?run=${run}`),
    run: (run) => seek(RunView, `/v1/runs/${run}`),
    isHeld: async (name) => {
      const found = await seek(QuarantineView, `/v1/quarantine/quarantine_${name}`);
      return found?.findings.some(({ state }) => state === 'held') ?? false;
    },
  };
};
