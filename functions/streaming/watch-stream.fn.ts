import * as z from 'zod';
import { commit, untilNoConflict } from '#lib/change';
import type { Deps } from '#lib/deps';
import { readFacet, reviseFacet } from '#lib/facet';
import { defineFunction } from '#lib/function';
import { judgeStream } from '#lib/model/suspension';
import { readProcessing, reviewProcessing, tellBroker } from '#lib/processing';
import { newestStf, progresses } from '#lib/records';

const name = 'watch-stream';

/** Since when the stream is watched, and up to which revision of `processing` the broker was told; new with each start. */
type Watch = { readonly sinceMs: number; toldRevision: number };
const watches = new WeakMap<object, Watch>();

/**
 * Looks twice a second whether STFs come, and what follows from that and from the detector's state for processing. An STF
 * costs it nothing: it reads when the last one came. The broker is told of every revision, also after a kill. @see 3.2
 */
export const watchStream = defineFunction({
  name,
  effect: 'named',
  input: z.object({}),
  output: z.object({}),
  run: async (_, deps) => {
    const watch = watches.get(deps.store) ?? { sinceMs: deps.clock.nowMs(), toldRevision: 0 };
    watches.set(deps.store, watch);
    await untilNoConflict(() => reviseStream(watch, deps));
    await reviewProcessing({ actor: name }, deps);
    const { revision } = await readProcessing(deps);
    if (revision === watch.toldRevision) return {};
    await tellBroker(deps);
    watch.toldRevision = revision;
    return {};
  },
});

const reviseStream = async ({ sinceMs }: Watch, deps: Deps): Promise<void> => {
  const { items } = await progresses.list(deps.store, 'i1', newestStf, { newestFirst: true, limit: 1 });
  const { runId, lastStfAt } = items[0]?.doc ?? {};
  if (runId === undefined || lastStfAt === undefined) return;
  const silenceS = deps.config.PAPILIO_SILENCE_S;
  const nowMs = deps.clock.nowMs();
  const value = judgeStream({ lastStfMs: Date.parse(lastStfAt), watchedSinceMs: sinceMs, nowMs, silenceS });
  if (value === undefined) return;
  const { changes, writes } = reviseFacet(deps, await readFacet('stream', deps), {
    facet: 'stream',
    owner: 'papilio',
    value,
    reason: value === 'flowing' ? 'STFs come' : `no STF for ${silenceS} s`,
    eventAt: lastStfAt,
    receivedAt: deps.now(),
    runId,
    actor: name,
    confidence: 'observed',
  });
  await commit(deps, changes, writes);
};
