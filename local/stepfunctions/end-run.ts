import type { Outcome, Turn } from './model.ts';
import { abandon, countLastEvent } from './turn.ts';

/** The number that stands for the execution itself among its pending timers. */
export const EXECUTION_TIMER = 0;

const ENDINGS = { SUCCEEDED: 'Succeeded', FAILED: 'Failed', TIMED_OUT: 'TimedOut', ABORTED: 'Aborted' } as const;

/** Ends the execution, telling its history how. */
export const endRun = (turn: Turn, outcome: Outcome): void => {
  const { run } = turn;
  run.outcome = outcome;
  abandon(turn, run.root);
  if (run.deadlineAtMs < Number.POSITIVE_INFINITY)
    turn.commands.push({ type: 'cancel', pending: EXECUTION_TIMER, isAnswered: true });
  const ending = ENDINGS[outcome.status];
  // What ends an execution from outside follows no event, and a timeout is named here only.
  if (outcome.status === 'ABORTED' || outcome.status === 'TIMED_OUT') run.root.lastEventId = 0;
  const error = outcome.status === 'TIMED_OUT' ? 'States.Timeout' : outcome.error;
  countLastEvent(turn, run.root);
  turn.record?.({
    type: `Execution${ending}`,
    [`execution${ending}EventDetails`]:
      outcome.output === undefined
        ? { error, cause: outcome.cause }
        : { output: JSON.stringify(outcome.output), outputDetails: { truncated: false } },
  });
};
