import * as z from 'zod';
import { commit, untilNoConflict } from '#lib/change';
import type { Deps } from '#lib/deps';
import { defineFunction } from '#lib/function';
import { tellIfComplete } from '#lib/run-complete';
import { progressShareOf, progressWrite } from '#lib/run-progress';

/** Leaves a token with a run's progress, then looks whether the run is complete already: subscribe first, then list. */
export const awaitRun = defineFunction({
  name: 'await-run',
  effect: 'named',
  input: z.object({ runId: z.string(), token: z.string() }),
  output: z.object({ isComplete: z.boolean() }),
  run: async ({ runId, token }, deps) => {
    await untilNoConflict(() => subscribe(runId, token, deps));
    return { isComplete: await tellIfComplete(runId, deps) };
  },
});

const subscribe = async (runId: string, token: string, deps: Deps): Promise<void> => {
  const share = await progressShareOf(runId, undefined, deps);
  if (share.before?.doc.waiter === token) return;
  await commit(deps, [], [progressWrite(share, { waiter: token })]);
};
