import { isDeepStrictEqual } from 'node:util';
import { createCounter } from '../../../functions/api/following/counter.ts';
import { silentLog } from '../../../functions/lib/log.ts';
import { nodeDisk } from '../../../functions/lib/node-disk.ts';
import { openCheckpoint } from '../../../local/front/checkpoint.ts';
import { countedTo, logsOf, shownBy } from '../../builders/counted-logs.ts';

/** Counts synthetic logs and keeps what it counted after each slice, until it is killed or done. */
const [folder = '', count = ''] = process.argv.slice(2);
const stfs = Number(count);
const logs = logsOf(stfs);
const keeping = await openCheckpoint(nodeDisk, silentLog, folder);
const onFailure = (error: unknown): void => {
  throw error;
};
const counter = await createCounter(await keeping.load(), {
  clock: logs.clock,
  keeping,
  owner: { instance: 'prod', wing: 'bnl', epoch: 1 },
  onFailure,
});
const isRight = isDeepStrictEqual(
  shownBy(counter.tally, stfs),
  shownBy(await countedTo(logs, counter.position()), stfs),
);
process.send?.({ kind: 'opened', isRight, ...counter.position() });
for (;;) {
  let fresh = 0;
  for (const plane of ['archive', 'work'] as const) {
    const read = (after: number, limit: number) => logs.read(plane, after, limit);
    fresh += (await counter.take(plane, await read(counter.position()[plane], 100), read)).length;
  }
  if (fresh === 0) break;
  process.send?.({ kind: 'keeps' });
  await counter.keep();
}
process.send?.({ kind: 'done', isRight: true, ...counter.position() });
process.disconnect();
