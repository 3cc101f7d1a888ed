import * as z from 'zod';
import { commit, untilNoConflict } from '#lib/change';
import type { Deps } from '#lib/deps';
import { defineFunction } from '#lib/function';
import { tellIfComplete } from '#lib/run-complete';
import { progressShareOf, progressWrite } from '#lib/run-progress';

/** Leaves the token of a pass of a run's merge with the run's progress, then checks whether it need not wait: subscribe first, then look. */
export const awaitRun = defineFunction({
  name: 'await-run',
  effect: 'named',
  input: z.object({ runId: z.string(), token: z.string(), pass: z.int().min(1).optional() }),
  output: z.object({ isComplete: z.boolean() }),
  run: async ({ runId, token, pass = 1 }, deps) => {
    await untilNoConflict(() => subscribe({ runId, token, pass }, deps));
    return { isComplete: await tellIfComplete(runId, deps) };
  },
});

type Subscription = { readonly runId: string; readonly token: string; readonly pass: number };

const subscribe = async ({ runId, token, pass }: Subscription, deps: Deps): Promise<void> => {
  const share = await progressShareOf(runId, undefined, deps);
  if (share.before?.doc.waiter === token) return;
  await commit(deps, [], [progressWrite(share, { waiter: token, waiterPass: pass })]);
};
