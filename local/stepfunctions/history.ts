import * as z from 'zod';
import { AwsError, type Journal, type Position } from '../engine/part.ts';
import { arnOf } from './identity.ts';
import { advance } from './interpreter.ts';
import type { Recorder, Run } from './model.ts';
import { unpackRun } from './packing/unpack-run.ts';
import { positionOf } from './positions.ts';
import { RedrivenRecord, StartedRecord, TurnRecord } from './records.ts';
import { redriveRun } from './redrive/redrive-run.ts';
import type { Execution } from './registry.ts';
import { startRun } from './start-run.ts';

/** Runs an execution again from its turns in the journal, telling every event to the recorder. */
export const replay = async (
  journal: Journal,
  execution: Execution,
  secret: string,
  recorder?: Recorder,
): Promise<Run> => {
  const [first, ...later] = execution.turns.map(positionOf);
  await journal.synced();
  if (!first) throw gone(execution);
  const started = StartedRecord.parse(await read(journal, first, execution));
  const identity = { ...execution.identity, inputText: started.input };
  const { atMs: startedAtMs, work: firstWork } = started;
  let { run } = startRun(identity, execution.machine, { atMs: startedAtMs, secret, work: firstWork, recorder });
  for (const at of later) {
    const record = LaterRecord.parse(await read(journal, at, execution));
    const { atMs, work } = record;
    const stage = { atMs, secret, work, recorder };
    const events = record.kind === 'turn' ? record.events : record.run.eventCount;
    if (events !== run.eventCount) throw new Error(`the replay of ${arnOf(identity)} has diverged at event ${events}`);
    if (record.kind === 'turn') advance(run, record.stimulus, stage);
    else run = redriveRun(unpackRun(record.run, identity, execution.machine), stage).run;
  }
  return run;
};

const LaterRecord = z.discriminatedUnion('kind', [TurnRecord, RedrivenRecord]);

const gone = (execution: Execution): AwsError =>
  new AwsError('ExecutionDoesNotExist', `The history of ${arnOf(execution.identity)} is no longer kept`);

const read = async (journal: Journal, at: Position, execution: Execution): Promise<unknown> => {
  try {
    return await journal.read(at);
  } catch (error) {
    // Old segments go when the retention of histories ends; anything else is damage, and is told as such.
    if (error instanceof Error && error.name === 'RecordGone') throw gone(execution);
    throw error;
  }
};
