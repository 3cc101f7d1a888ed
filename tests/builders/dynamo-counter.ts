// Run as its own process, to be killed: enters STFs of one run, eight at a time, counts them, and prints each that is acknowledged.
import { commit, untilNoConflict } from '../../functions/lib/change.ts';
import { cloud } from '../../functions/lib/deps.ts';
import { progressShareOf, progressWrite } from '../../functions/lib/run-progress.ts';
import { systemClock } from '../../functions/lib/system-clock.ts';
import { awsAt } from './a-dynamo-store.ts';

const [endpoint = '', records = '', log = '', runId = '', round = ''] = process.argv.slice(2);
const open = await cloud.dynamoStore();
const { store } = await open({ aws: awsAt(endpoint), tables: { records, log }, clock: systemClock });

const enter = (stfId: string): Promise<void> =>
  untilNoConflict(async () => {
    const key = { pk: `${runId}#entered`, sk: stfId };
    if ((await store.get(key)) !== undefined) return;
    const share = await progressShareOf(runId, stfId, { store });
    const entered = { op: 'put', ...key, ifVersion: 0, doc: {} } as const;
    await commit({ store }, [], [entered, progressWrite(share, { catalogued: 1 })]);
  });

const enterForEver = async (caller: number): Promise<never> => {
  for (let at = 0; ; at++) {
    const stfId = `stf-${round}-${caller}-${at}`;
    try {
      await enter(stfId);
      process.stdout.write(`${stfId}\n`);
    } catch {
      // Not acknowledged: the weather was too bad, or others were quicker all the time.
    }
  }
};

await Promise.all(Array.from({ length: 8 }, (_, caller) => enterForEver(caller)));
