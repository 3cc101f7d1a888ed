// Run as its own process, to be killed: writes records with events, eight at a time, and prints each acknowledged one.

import { systemClock } from '#lib/system-clock';
import { openDynamoStore } from '../../functions/adapters/store/dynamo.ts';
import { anEvent } from './an-event.ts';

const [endpoint = '', records = '', log = '', round = ''] = process.argv.slice(2);
const credentials = { accessKeyId: 'papilio', secretAccessKey: 'papilio' };
const aws = { endpoint, region: 'us-east-1', credentials };
const { store } = await openDynamoStore({ aws, tables: { records, log }, clock: systemClock });

const writeForever = async (caller: number): Promise<never> => {
  for (let at = 0; ; at++) {
    const sk = `${round}-${caller}-${at}`;
    const write = { op: 'put', pk: 'prod_stf', sk, ifVersion: 0, doc: { text: 'x'.repeat(300) } } as const;
    await store.transact({ writes: [write], events: [anEvent({ subject: sk, id: sk })] });
    process.stdout.write(`${sk}\n`);
  }
};

await Promise.all(Array.from({ length: 8 }, (_, caller) => writeForever(caller)));
