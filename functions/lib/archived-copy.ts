import type { Deps } from './deps.ts';
import { PapilioError, problemOf } from './errors.ts';
import { archiveKey } from './model/ids.ts';
import { stfs, unarchived } from './records.ts';
import type { PlacementRequest } from './schema/assignment.ts';
import type { Job } from './schema/job.ts';

/** The file that a job reads, and whether the archive had no copy of it when it was looked for last. */
export type AwaitedFile = NonNullable<PlacementRequest['file']>;
type Reading = Pick<Deps, 'store' | 'archive'>;

/** State of the archived copy of a file; `failed` with the reason for which there is none. */
type Standing = { readonly kind: 'archived' | 'awaited' } | { readonly kind: 'failed'; readonly error: Refusal };

/** Name and message of an error, as a state machine gets them. */
export type Refusal = Pick<PapilioError, 'name' | 'message'>;

/** Returns the file that a job reads; undefined for a job that reads no STF. */
export const fileOf = async ({ stfId }: Pick<Job, 'stfId'>, deps: Reading): Promise<AwaitedFile | undefined> => {
  if (stfId === undefined) return undefined;
  const { run, name } = (await stfs.need(deps.store, stfId)).doc;
  const objectKey = archiveKey(run, name);
  return { stfId, name, objectKey, isAwaited: (await deps.archive.stat(objectKey)) === undefined };
};

/** Looks for the archived copy of a file: a payload reads nothing else, so its job is placed only when there is one. */
export const standingOf = async ({ stfId, objectKey }: AwaitedFile, { store, archive }: Reading): Promise<Standing> => {
  const failure = await unarchived.get(store, stfId);
  // The copy is looked for last: a sound file may be archived after another of its name failed.
  if ((await archive.stat(objectKey)) !== undefined) return { kind: 'archived' };
  if (failure === undefined) return { kind: 'awaited' };
  const { problem } = failure.doc;
  const message = `[${problem.code}] ${problem.reason}`;
  const { code, reason } = problemOf(message);
  return { kind: 'failed', error: { name: new PapilioError(code, reason).name, message } };
};
