import { makeId, runKey, stfKey } from './model/ids.ts';
import type { Ids } from './ports/ids.ts';

/** Ids of one instance at one wing and epoch. What the world names is equal at both wings; what papilio makes is not. */
export const createIds = (instance: string, wing: string, epoch: number): Ids => {
  const own = (noun: string, name: string) => makeId(instance, noun, `${wing}-${epoch}-${name}`);
  return {
    instance,
    wing,
    epoch,
    run: (run) => makeId(instance, 'run', runKey(run)),
    stf: (run, sequence) => makeId(instance, 'stf', stfKey(run, sequence)),
    message: (hash) => makeId(instance, 'message', hash),
    output: (name) => makeId(instance, 'output', name),
    exec: (name) => own('exec', name),
    job: (name) => own('job', name),
    attempt: (jobId, attempt) => `${jobId.replace('_job_', '_attempt_')}-a${attempt}`,
    jobOf: (attemptId) => attemptId.replace('_attempt_', '_job_').replace(/-a\d+$/, ''),
    bundleOf: (attemptId) => attemptId.replace('_attempt_', '_bundle_'),
    of: (noun, name) => makeId(instance, noun, name),
  };
};
