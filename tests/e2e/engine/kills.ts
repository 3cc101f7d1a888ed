import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ListStateMachinesCommand } from '@aws-sdk/client-sfn';
import { onTestFinished } from 'vitest';
import { freePort } from '../../../local/stack/parts/free-port.ts';
import { aRandom } from '../../builders/random.ts';
import { type Clients, createClients } from './clients.ts';
import { insist } from './insist.ts';
import { type Load, startLoad } from './load.ts';
import { startVictim } from './victim.ts';

/** How an engine is tormented. */
export type Torment = {
  readonly kills: number;
  /** Executions under way. */
  readonly atOnce: number;
  /** An engine that is up lives at most so long, most of them far less. */
  readonly lifeMs: number;
  readonly seed: number;
  /** Told what goes on. */
  readonly say?: (line: string) => void;
};

/** What is left when the last engine of a torment stands and everything has ended. */
export type Survived = {
  readonly clients: Clients;
  readonly load: Load;
  readonly folder: string;
  /** Where the last engine serves. */
  readonly url: string;
  readonly kills: number;
  /** From kills to the first answered call. */
  readonly backMs: readonly number[];
  readonly close: () => Promise<void>;
};

/** So small that compactions go on all the time. */
const segmentBytes = 2 ** 18;

/** Kills engine after engine under a load that goes on; the last one lets it come to its end. */
export const torment = async ({ kills, atOnce, lifeMs, seed, say }: Torment): Promise<Survived> => {
  const folder = mkdtempSync(join(tmpdir(), 'papilio-kills-'));
  const random = aRandom(seed);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const clients = await createClients(port, random);
  const ask = () => insist(() => clients.sfn.send(new ListStateMachinesCommand({ maxResults: 1 })));
  const more = clients.web.options(folder);
  const place = { folder: join(folder, 'engine'), port, lambda: clients.functions.url, segmentBytes, more };
  const victim = await startVictim(place, { random, ask });
  onTestFinished(victim.close);
  const load = await startLoad(clients, atOnce);
  while (victim.kills() < kills) {
    await delay(random() ** 3 * lifeMs);
    await victim.killed();
    say?.(`${victim.kills()} kills, ${load.started.length} executions`);
  }
  await load.stop();
  const close = async () => {
    await load.close();
    clients.close();
    await victim.close();
  };
  return { clients, load, url, folder, kills: victim.kills(), backMs: victim.backMs, close };
};
