import { commit } from './change.ts';
import type { Deps } from './deps.ts';
import { PapilioError } from './errors.ts';
import { type OutboxRow, outbox, type Stored } from './records.ts';
import { releasePlace } from './release-place.ts';
import { Place } from './schema/job.ts';

/**
 * Answers the token of a row, then takes the row away: answered at least once, and a second answer changes nothing. A
 * place for which nobody waits any more is taken back.
 */
export const answerRow = async ({ doc, version }: Stored<OutboxRow>, by: string, deps: Deps): Promise<void> => {
  const { token, answer, executionId } = doc;
  const outcome =
    answer.kind === 'success'
      ? await deps.machines.succeed(token, answer.output)
      : await deps.machines.fail(token, answer.error, answer.cause);
  if (outcome === 'gone') {
    deps.log.debug({ outboxId: doc.id }, 'token was gone');
    const place = answer.kind === 'success' ? Place.safeParse(answer.output).data : undefined;
    if (place) await releasePlace({ place, executionId }, by, deps);
  }
  try {
    await commit(deps, [], [outbox.delete(doc.id, version)]);
  } catch (thrown) {
    if (!(thrown instanceof PapilioError) || thrown.code !== 'store-conflict') throw thrown;
  }
};
