import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { Health, Status } from '#schema/status';

const cli = fileURLToPath(new URL('../../../clients/cli/papilio.mjs', import.meta.url));
const FrontFile = z.object({ url: z.url() });

/** Asks the API of a data folder until its answers fit. */
export const asking = (folder: string) => {
  const get = async (path: string): Promise<unknown> => {
    const { url } = FrontFile.parse(JSON.parse(readFileSync(join(folder, 'front.json'), 'utf8')));
    const token = readFileSync(join(folder, 'admin.token'), 'utf8').trim();
    return (await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } })).json();
  };
  const until = async (fits: (status: Status, health: Health) => boolean): Promise<Status> => {
    for (;;) {
      const [status, health] = [Status.parse(await get('/v1/status')), Health.parse(await get('/v1/health'))];
      if (fits(status, health)) return status;
    }
  };
  return { until };
};

/** Runs the command line on a data folder. */
export const papilio = (folder: string, ...words: string[]) => {
  const { status, stdout } = spawnSync(process.execPath, [cli, '--data', folder, ...words], { encoding: 'utf8' });
  return { code: status, first: stdout.split('\n')[0], out: stdout };
};
