import { EXECUTION_TIMER } from '../end-run.ts';
import { play } from '../interpreter.ts';
import { AGAIN, type Run, type Turn } from '../model.ts';
import { countEvent, newTurn, type Stage } from '../turn.ts';

const begin = (turn: Turn): void => {
  const { root, redrive, eventCount, deadlineAtMs } = turn.run;
  const { lastEventId } = root;
  root.lastEventId = eventCount;
  countEvent(turn, root);
  turn.record?.({ type: 'ExecutionRedriven', executionRedrivenEventDetails: { redriveCount: redrive?.count ?? 1 } });
  root.lastEventId = lastEventId;
  if (deadlineAtMs < Number.POSITIVE_INFINITY) {
    turn.commands.push({ type: 'timer', pending: EXECUTION_TIMER, atMs: deadlineAtMs });
  }
  turn.ready.push({ thread: root, next: root.enteredEventId > 0 ? AGAIN : root.state });
};

/** Carries a prepared execution on from the states that did not succeed, with all its time anew. */
export const redriveRun = (prepared: Run, stage: Stage): Turn => {
  const { atMs } = stage;
  const run: Run = {
    ...prepared,
    redrive: { count: (prepared.redrive?.count ?? 0) + 1, atMs },
    deadlineAtMs: atMs + (prepared.machine.timeoutMs ?? Number.POSITIVE_INFINITY),
  };
  return play(newTurn(run, stage), begin);
};
