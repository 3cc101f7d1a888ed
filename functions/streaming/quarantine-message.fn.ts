import * as z from 'zod';
import type { Deps } from '#lib/deps';
import { problemOf } from '#lib/errors';
import { defineFunction } from '#lib/function';
import { archiveKey } from '#lib/model/ids';
import { quarantineMessage as quarantine } from '#lib/quarantine';
import { DaqMessage, type Problem } from '#schema/daq-message';
import type { ArchivedStf } from '#schema/stf';

const name = 'quarantine-message';

/**
 * Keeps a message whose archiving failed for good, with the reason; its file stays in the incoming folder. The work plane is
 * informed, so that the STF is not processed.
 */
export const quarantineMessage = defineFunction({
  name,
  effect: 'named',
  input: z.object({ message: DaqMessage, failure: z.object({ Error: z.string(), Cause: z.string().default('') }) }),
  output: z.object({ code: z.string() }),
  run: async ({ message, failure }, deps) => {
    const problem = problemOf(failure.Cause || failure.Error);
    await quarantine(message, problem, name, deps);
    await reportUnarchived(message, problem, deps);
    return { code: problem.code };
  },
});

const reportUnarchived = async ({ fact }: DaqMessage, problem: Problem, deps: Deps): Promise<void> => {
  if (fact?.type !== 'stf_gen') return;
  const { run, sequence, name: file } = fact;
  const report: ArchivedStf = {
    stfId: deps.ids.stf(run, sequence),
    runId: deps.ids.run(run),
    sequence,
    name: file,
    objectKey: archiveKey(run, file),
    problem,
  };
  await deps.queues.send('archived-stfs', [report]);
};
