import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ListStateMachinesCommand } from '@aws-sdk/client-sfn';
import { spawnEngineProcess } from '../../builders/an-engine-process.ts';
import { aRandom } from '../../builders/random.ts';
import { freePort } from '../../parts/free-port.ts';
import { insist } from './insist.ts';
import { type Clients, createClients, type Load, startLoad } from './load.ts';

/** How an engine is tormented. */
export type Torment = {
  readonly kills: number;
  /** Executions under way. */
  readonly atOnce: number;
  /** An engine that is up lives at most so long. */
  readonly lifeMs: number;
  readonly seed: number;
};

/** What is left when the last engine of a torment stands and everything has ended. */
export type Survived = {
  readonly clients: Clients;
  readonly load: Load;
  readonly folder: string;
  /** From each kill to the first answered call. */
  readonly backMs: readonly number[];
  readonly killsWhileStarting: number;
  readonly close: () => Promise<void>;
};

/** Of so many engines one is killed before it is up. */
const earlyOf = 6;
const earlyMs = 300;

/** Kills engine after engine on one folder and port, under a load that goes on; the last one lets it come to its end. */
export const torment = async ({ kills, atOnce, lifeMs, seed }: Torment): Promise<Survived> => {
  const folder = mkdtempSync(join(tmpdir(), 'papilio-kills-'));
  const random = aRandom(seed);
  const port = await freePort();
  const clients = await createClients(port, random);
  const place = { folder, port, lambda: clients.functions.url, segmentBytes: 2 ** 18 };
  let engine = spawnEngineProcess(place);
  await engine.ready;
  const load = await startLoad(clients, atOnce);
  const backMs: number[] = [];
  let killsWhileStarting = 0;
  for (let killed = 0; killed < kills; killed++) {
    await delay(random() * lifeMs);
    let killedAtMs = performance.now();
    await engine.kill();
    engine = spawnEngineProcess(place);
    if (Math.floor(random() * earlyOf) === 0) {
      await delay(random() * earlyMs);
      killedAtMs = performance.now();
      await engine.kill();
      killed += 1;
      killsWhileStarting += 1;
      engine = spawnEngineProcess(place);
    }
    await engine.ready;
    await insist(() => clients.sfn.send(new ListStateMachinesCommand({ maxResults: 1 })));
    backMs.push(performance.now() - killedAtMs);
  }
  await load.stop();
  const close = async () => {
    clients.close();
    await engine.kill();
  };
  return { clients, load, folder, backMs, killsWhileStarting, close };
};
