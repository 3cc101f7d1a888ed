import { AwsError, type Journal } from '../engine/part.ts';
import { arnOf } from './identity.ts';
import { advance, startRun } from './interpreter.ts';
import type { Recorder, Run } from './model.ts';
import { StartedRecord, TurnRecord } from './records.ts';
import type { Execution } from './registry.ts';

/** Runs an execution again from its turns in the journal, telling every event to the recorder. */
export const replay = async (
  journal: Journal,
  execution: Execution,
  secret: string,
  recorder?: Recorder,
): Promise<Run> => {
  const [first, ...later] = execution.turns;
  await journal.synced();
  if (!first) throw gone(execution);
  const started = StartedRecord.parse(await read(journal, first, execution));
  const identity = { ...execution.identity, inputText: started.input };
  const { run } = startRun(identity, execution.machine, { atMs: started.atMs, secret, recorder });
  for (const at of later) {
    const { stimulus, atMs, events } = TurnRecord.parse(await read(journal, at, execution));
    if (events !== run.eventCount) throw new Error(`the replay of ${arnOf(identity)} has diverged at event ${events}`);
    advance(run, stimulus, { atMs, secret, recorder });
  }
  return run;
};

const gone = (execution: Execution): AwsError =>
  new AwsError('ExecutionDoesNotExist', `The history of ${arnOf(execution.identity)} is no longer kept`);

const read = async (journal: Journal, at: Execution['turns'][number], execution: Execution): Promise<unknown> => {
  try {
    return await journal.read(at);
  } catch (error) {
    // Old segments go when the retention of histories ends; anything else is damage, and is told as such.
    if (error instanceof Error && error.name === 'RecordGone') throw gone(execution);
    throw error;
  }
};
