import * as z from 'zod';
import { change, commit, untilNoConflict } from '#lib/change';
import type { Deps } from '#lib/deps';
import { PapilioError } from '#lib/errors';
import { defineFunction } from '#lib/function';
import { archiveKey, stfKey } from '#lib/model/ids';
import { jobs, type Stored, stfs } from '#lib/records';
import { progressShareOf, progressWrite } from '#lib/run-progress';
import type { ObjectFacts } from '#ports/objects';
import type { Job } from '#schema/job';
import type { Stf } from '#schema/stf';
import { hitsJobOf } from './hits-job.ts';

const name = 'begin-pass';

/** Takes up an STF that failed, from its archived file: a further pass, with a job of its own. @see 13.1 */
export const beginPass = defineFunction({
  name,
  effect: 'named',
  input: z.object({ stfId: z.string(), pass: z.int().min(2) }),
  output: z.object({ stfId: z.string(), jobId: z.string(), isSettled: z.boolean() }),
  run: async ({ stfId, pass }, deps) => {
    const stf = await untilNoConflict(() => begin(stfId, pass, deps));
    return { stfId, jobId: stf.jobId, isSettled: stf.pass !== pass || stf.processing !== 'waiting' };
  },
});

const begin = async (stfId: string, pass: number, deps: Deps): Promise<Stf> => {
  const stf = await stfs.need(deps.store, stfId);
  if (stf.doc.pass >= pass || stf.doc.processing !== 'failed') return stf.doc;
  const { run, sequence, receivedAt, failure } = stf.doc;
  const [file, share] = await Promise.all([
    deps.archive.stat(archiveKey(run, stf.doc.name)),
    progressShareOf(stf.doc.runId, stfId, deps),
  ]);
  if (!file) throw new PapilioError('stf-file-missing', `${stf.doc.name} is not in the archive`);
  const after = renewed(stf, pass, file, deps);
  const job: Job = hitsJobOf(after, deps.config, deps.now());
  const data = { run, sequence, receivedAt, pass, jobId: job.id, after: failure?.code };
  const made = { run, stfId, task: job.task, pass };
  await commit(
    deps,
    [
      change(deps, stfId, stfs.put(stfId, after, stf.version), { type: 'stf.reopened', by: name, data }),
      change(deps, job.id, jobs.put(job.id, job, 0), { type: 'job.created', cause: stfId, by: name, data: made }),
    ],
    [progressWrite(share, { failed: -1 })],
  );
  return after;
};

/** Size and checksum are those of the archived file: what was announced first may have been wrong. */
const renewed = ({ doc }: Stored<Stf>, pass: number, file: ObjectFacts, deps: Deps): Stf => {
  const { failure: _, settledAt: __, ...rest } = doc;
  const { sizeBytes, checksumAdler32 } = file;
  const jobId = deps.ids.job(`${stfKey(doc.run, doc.sequence)}-p${pass}`);
  return { ...rest, sizeBytes, checksumAdler32, processing: 'waiting', pass, jobId };
};
