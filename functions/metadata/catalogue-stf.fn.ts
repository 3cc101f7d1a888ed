import * as z from 'zod';
import { change, commit, untilNoConflict } from '#lib/change';
import type { Deps } from '#lib/deps';
import { defineFunction } from '#lib/function';
import { stfKey } from '#lib/model/ids';
import { jobs, stfRuns, stfs } from '#lib/records';
import { settingsNumbering } from '#lib/run-numbering';
import { progressShareOf, progressWrite } from '#lib/run-progress';
import { numberFromFile, stfNumbers } from '#lib/stf-numbers';
import { StfMessage } from '#schema/daq-message';
import type { Stf } from '#schema/stf';
import { hitsJobOf } from './hits-job.ts';

const name = 'catalogue-stf';
const pass = 1;

/**
 * Enters an STF into the catalogue with its TF and BX range, and makes the job that reads it. Until its file is archived and
 * read, an STF has the numbers that the settings give. @see 6.1 6.2
 */
export const catalogueStf = defineFunction({
  name,
  effect: 'named',
  input: z.object({ message: StfMessage }),
  output: z.object({ stfId: z.string(), jobId: z.string(), isSettled: z.boolean() }),
  run: async ({ message }, deps) => {
    const stf = stfOf(message, deps);
    const entered = await untilNoConflict(() => enter(stf, message.id, deps));
    // After the entry: a file that is archived from here on finds it.
    await numberFromFile(stf, name, deps);
    return { stfId: stf.id, jobId: stf.jobId, isSettled: entered.processing !== 'waiting' };
  },
});

const enter = async (stf: Stf, cause: string, deps: Deps): Promise<Stf> => {
  const known = await stfs.get(deps.store, stf.id);
  if (known) return known.doc;
  const share = await progressShareOf(stf.runId, stf.id, deps);
  const job = hitsJobOf(stf, deps.config, deps.now());
  // A share without counts is new: only then may the run be new too.
  if (share.before === undefined) await stfRuns.putMany(deps.store, [[stf.runId, { runId: stf.runId, run: stf.run }]]);
  const { id: _, ...facts } = stf;
  await commit(
    deps,
    [
      change(deps, stf.id, stfs.put(stf.id, stf, 0), { type: 'stf.catalogued', cause, by: name, data: facts }),
      change(deps, job.id, jobs.put(job.id, job, 0), {
        type: 'job.created',
        cause,
        by: name,
        data: { run: stf.run, stfId: stf.id, task: job.task },
      }),
    ],
    [progressWrite(share, { catalogued: 1, lastStfAt: deps.now() })],
  );
  return stf;
};

const stfOf = (message: StfMessage, deps: Deps): Stf => {
  const { fact } = message;
  const { tfsPerStf, bxPerTf } = settingsNumbering(deps);
  const place = { run: fact.run, sequence: fact.sequence, tfCount: tfsPerStf, tfsPerStf };
  const { run, sequence, name: fileName, stampedAt, state, substate, sizeBytes, checksumAdler32 } = fact;
  return {
    id: deps.ids.stf(run, sequence),
    runId: deps.ids.run(run),
    run,
    sequence,
    name: fileName,
    ...stfNumbers(place, bxPerTf),
    ...(state === undefined ? {} : { state }),
    ...(substate === undefined ? {} : { substate }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(checksumAdler32 === undefined ? {} : { checksumAdler32 }),
    stampedAt,
    receivedAt: message.receivedAt,
    messageId: message.id,
    processing: 'waiting',
    pass,
    jobId: deps.ids.job(`${stfKey(run, sequence)}-p${pass}`),
  };
};
