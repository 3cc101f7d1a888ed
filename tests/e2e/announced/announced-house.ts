import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import * as z from 'zod';
import { stfName } from '#lib/model/stf-name';
import type { Queues } from '#ports/queues';
import { envelopeOf } from '../../../clients/bridge/envelope.ts';
import { createSqsQueues } from '../../../functions/adapters/queues/sqs.ts';
import { accounts, inboxes, type Plane } from '../../../functions/catalog.ts';
import { createRequestHandler, noSigning } from '../../../local/engine/request-handler.ts';
import { type StfSpec, type WrittenStf, writeStf } from '../../../local/sim/daq/generator.ts';
import { frontOf } from '../../../local/supervisor/front-client.ts';
import { type House, startHouse } from '../../../local/supervisor/house.ts';
import { plainEnvironment } from '../../builders/plain-environment.ts';

const View = z.looseObject({ isArchived: z.boolean(), processing: z.string().optional(), pass: z.int().optional() });
type View = z.infer<typeof View> | undefined;
type Fields = Readonly<Record<string, unknown>>;

/** A house whose DAQ is the test: it says what it likes, and leaves what files it likes. */
export type AnnouncedHouse = {
  readonly house: House;
  readonly folder: string;
  /** Writes an STF where DAQ leaves them, or into a file beside. */
  readonly write: (sequence: number, path?: string) => Promise<WrittenStf>;
  /** Sends a message to both inboxes, as the bridge does. */
  readonly say: (body: Fields) => Promise<void>;
  /** Announces an STF with size and checksum of a written one. */
  readonly announce: (stf: WrittenStf, fields?: Fields) => Promise<void>;
  readonly send: (plane: Plane, queue: string, body: object) => Promise<void>;
  /** What a path of the API answers, as JSON. */
  readonly ask: (path: string) => Promise<unknown>;
  readonly textOf: (path: string) => Promise<string>;
  /** Resolves when the view of an STF is as asked. */
  readonly until: (name: string, holds: (view: View) => boolean) => Promise<void>;
};

const run = 4001;
const physics = { state: 'run', substate: 'physics' };

/** What is in the STF of a sequence. */
export const specOf = (sequence: number): StfSpec => ({ run, sequence, seed: 1, sizeBytes: 400_000, ...physics });

/** Opens the house in a folder of its own; it is stopped after the test. */
export const anAnnouncedHouse = async (environment: Readonly<Record<string, string>> = {}): Promise<AnnouncedHouse> => {
  const scratch = mkdtempSync(join(tmpdir(), 'papilio-announced-'));
  onTestFinished(() => rmSync(scratch, { recursive: true, force: true, maxRetries: 3 }));
  const folder = join(scratch, 'data');
  const house = await startHouse({ folder, environment: { ...plainEnvironment, ...environment }, port: 0 });
  onTestFinished(() => house.stop());
  const { baseUrl } = await frontOf(folder);
  const queues = queuesIn(folder);
  const say = async (body: Fields) => {
    const idOf = (hash: string) => `${house.instance}_message_${hash}`;
    const message = envelopeOf({ destination: '', body: JSON.stringify(body) }, new Date().toISOString(), idOf);
    for (const inbox of [inboxes.archive, inboxes.work]) await queues.archive.send(inbox, [message]);
  };
  const textOf = async (path: string) => (await fetch(`${baseUrl}${path}`)).text();
  const ask = async (path: string): Promise<unknown> => JSON.parse(await textOf(path));
  return {
    house,
    folder,
    write: (sequence, path = join(folder, 'incoming', stfName({ run, sequence }))) => writeStf(path, specOf(sequence)),
    say,
    announce: ({ name, sizeBytes, checksumAdler32 }, fields = {}) =>
      say({
        msg_type: 'stf_gen',
        run_id: run,
        filename: name,
        timestamp: '2026-11-24T06:00:00.000000',
        ...physics,
        size: sizeBytes,
        checksum: `ad:${checksumAdler32}`,
        ...fields,
      }),
    send: (plane, queue, body) => queues[plane].send(queue, [body]),
    ask,
    textOf,
    until: async (name, holds) => {
      while (!holds(View.safeParse(await ask(`/v1/stfs/${name}`)).data)) await delay(50);
    },
  };
};

const queuesIn = (folder: string): Readonly<Record<Plane, Queues>> => {
  const open = (plane: Plane) => {
    const routes = { [accounts[plane]]: { socketPath: join(folder, plane, 'sock') } };
    const requestHandler = createRequestHandler({ routes, defaultAccount: accounts[plane] });
    return createSqsQueues({ ...noSigning, requestHandler }, plane);
  };
  return { archive: open('archive'), work: open('work') };
};
