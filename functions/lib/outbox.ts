import { commit } from './change.ts';
import type { Deps } from './deps.ts';
import { PapilioError } from './errors.ts';
import { type OutboxRow, outbox, type Stored } from './records.ts';

/** Answers the token of a row, then takes the row away: answered at least once, and a second answer changes nothing. */
export const answerRow = async (
  { doc, version }: Stored<OutboxRow>,
  deps: Pick<Deps, 'machines' | 'store' | 'log'>,
): Promise<void> => {
  const { token, answer } = doc;
  const outcome =
    answer.kind === 'success'
      ? await deps.machines.succeed(token, answer.output)
      : await deps.machines.fail(token, answer.error, answer.cause);
  if (outcome === 'gone') deps.log.debug({ outboxId: doc.id }, 'token was gone');
  try {
    await commit(deps, [], [outbox.delete(doc.id, version)]);
  } catch (thrown) {
    if (!(thrown instanceof PapilioError) || thrown.code !== 'store-conflict') throw thrown;
  }
};
