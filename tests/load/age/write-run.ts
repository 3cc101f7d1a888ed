import { commit } from '#lib/change';
import { readConfig } from '#lib/config';
import { createDeps, type Deps } from '#lib/deps';
import { silentLog } from '#lib/log';
import { stfKey } from '#lib/model/ids';
import { tfRangeOf } from '#lib/model/tf-range';
import { progresses, runs } from '#lib/records';
import { systemClock } from '#lib/system-clock';
import type { Store } from '#ports/store';
import { createMemoryObjects } from '../../../functions/adapters/objects/memory.ts';
import { indexStfs } from '../../../functions/metadata/index-stfs.fn.ts';
import { awsOf } from '../../../local/plane/aws.ts';
import type { AgedRun } from './write-stfs.ts';

const tfsPerStf = 1000;
/** STFs that enter the TF catalogue at once: they fill fewer segments than a transaction may write. */
const together = 1000;

/** Functions' surroundings over a store of the work plane that no engine runs beside. */
const depsOver = async (store: Store): Promise<Deps> => {
  const config = readConfig({});
  const nothing = createMemoryObjects({ disk: { readFile: () => Promise.reject(new Error('no files here')) } });
  return createDeps({
    config,
    plane: 'work',
    clock: systemClock,
    store,
    archive: nothing,
    outputs: nothing,
    incomingFolder: 'incoming',
    batches: new Map(),
    aws: (() => {
      const aws = awsOf('work', config.PAPILIO_REGION, () => Promise.reject(new Error('no engine here')));
      return { queues: aws, machines: aws };
    })(),
    log: silentLog,
  });
};

/** Writes what the work plane keeps of a run as a whole: its record, its progress, and where its TFs lie. */
export const writeRun = async (store: Store, { run, stfs, startMs }: AgedRun): Promise<void> => {
  const deps = await depsOver(store);
  const runId = deps.ids.run(run);
  const at = (sequence: number): string => new Date(startMs + sequence * 600).toISOString();
  const doc = { id: runId, run, phase: 'ended' as const, startedAt: at(0), endedAt: at(stfs), totalStfs: stfs };
  const progress = { runId, catalogued: stfs, processed: stfs, failed: 0, lastStfAt: at(stfs) };
  await commit(deps, [], [runs.put(runId, doc, 0), progresses.put(runId, progress, 0)]);
  for (let first = 0; first < stfs; first += together) {
    const items = Array.from({ length: Math.min(together, stfs - first) }, (_, index) => {
      const sequence = first + index;
      const { tfFirst, tfEnd } = tfRangeOf({ run, sequence, tfCount: tfsPerStf, tfsPerStf });
      const name = `swf.${run}.${String(sequence).padStart(6, '0')}.stf`;
      const input = {
        ...{ runId, sequence, name, stfId: deps.ids.stf(run, sequence), objectKey: `${stfKey(run, sequence)}/${name}` },
        content: {
          layout: 'papilio-stf-1' as const,
          tfCount: tfsPerStf,
          tfRanges: [{ tfFirst: String(tfFirst), tfEnd: String(tfEnd) }],
          tfsMissing: [],
          indexFirstByte: 959_968,
          state: 'run' as const,
          substate: 'physics' as const,
        },
      };
      return { itemId: name, input };
    });
    const left = await indexStfs.runBatch(items, deps);
    if (left.length > 0) throw new Error(`${left.length} STFs of run ${run} are not in the TF catalogue`);
  }
};
