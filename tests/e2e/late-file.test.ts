import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import * as z from 'zod';
import { envelopeOf } from '../../clients/bridge/envelope.ts';
import { createSqsQueues } from '../../functions/adapters/queues/sqs.ts';
import { accounts, inboxes } from '../../functions/catalog.ts';
import { createRequestHandler, noSigning } from '../../local/engine/request-handler.ts';
import { writeStf } from '../../local/sim/daq/generator.ts';
import { frontOf } from '../../local/supervisor/front-client.ts';
import { startHouse } from '../../local/supervisor/house.ts';

/** Who announces a file before it is written finds it archived and processed all the same, in either order. */
const scratch = mkdtempSync(join(tmpdir(), 'papilio-late-'));
const folder = join(scratch, 'data');
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const View = z.looseObject({ isArchived: z.boolean(), processing: z.string().optional() });
const name = 'swf.4001.000001.stf';
const spec = { run: 4001, sequence: 1, seed: 1, sizeBytes: 400_000, state: 'run', substate: 'physics' };

test('an STF whose file comes after its message is archived and processed', async () => {
  const environment = { PATH: process.env.PATH, PAPILIO_LOCAL_SLOTS: '1' };
  const house = await startHouse({ folder, environment, port: 0 });
  try {
    const { baseUrl } = await frontOf(folder);
    const written = await writeStf(join(scratch, name), spec);
    const body = {
      msg_type: 'stf_gen',
      run_id: 4001,
      filename: name,
      timestamp: '2026-11-24T06:00:00.000000',
      state: 'run',
      substate: 'physics',
      size: written.sizeBytes,
      checksum: `ad:${written.checksumAdler32}`,
    };
    const idOf = (hash: string) => `${house.instance}_message_${hash}`;
    const message = envelopeOf({ destination: '', body: JSON.stringify(body) }, new Date().toISOString(), idOf);
    const routes = { [accounts.archive]: { socketPath: join(folder, 'archive/sock') } };
    const requestHandler = createRequestHandler({ routes, defaultAccount: accounts.archive });
    const queues = createSqsQueues({ ...noSigning, requestHandler }, 'archive');
    for (const inbox of [inboxes.archive, inboxes.work]) await queues.send(inbox, [message]);

    const look = async () => View.safeParse(await (await fetch(`${baseUrl}/v1/stfs/${name}`)).json()).data;
    const until = async (holds: (view: z.infer<typeof View> | undefined) => boolean) => {
      while (!holds(await look())) await delay(50);
    };
    await until((view) => view?.processing === 'waiting');
    const trace = async () => JSON.stringify(await (await fetch(`${baseUrl}/v1/stfs/${name}/trace`)).json());
    while (!(await trace()).includes('stf-file-missing')) await delay(50);
    await writeStf(join(folder, 'incoming', name), spec);
    await until((view) => view?.isArchived === true && view.processing === 'processed');
    expect(await trace()).toContain('output.registered');
  } finally {
    await house.stop();
  }
}, 60_000);
