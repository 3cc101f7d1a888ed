import { EXECUTION_TIMER } from './end-run.ts';
import { type Identity, qualifiersIn } from './identity.ts';
import { play } from './interpreter.ts';
import { parseJson } from './json.ts';
import { EXPRESS_MS } from './limits.ts';
import type { Machine, Run, Turn } from './model.ts';
import { countEvent, newThread, newTurn, type Stage } from './turn.ts';
import { assign } from './variables.ts';
import { Waits } from './waits.ts';

const begin = (turn: Turn): void => {
  const { root, identity, deadlineAtMs } = turn.run;
  countEvent(turn, root);
  root.lastEventId = 0;
  turn.record?.({
    type: 'ExecutionStarted',
    executionStartedEventDetails: {
      input: identity.inputText,
      inputDetails: { truncated: false },
      roleArn: identity.home.roleArn,
      ...qualifiersIn(identity.home),
    },
  });
  if (deadlineAtMs < Number.POSITIVE_INFINITY) {
    turn.commands.push({ type: 'timer', pending: EXECUTION_TIMER, atMs: deadlineAtMs });
  }
  turn.ready.push({ thread: root, next: root.state });
};

/** Starts an execution and runs it to its first wait or its end. Everything it needs to know is in the arguments. */
export const startRun = (identity: Identity, machine: Machine, stage: Stage): Turn => {
  const input = stage.input ?? parseJson(identity.inputText) ?? null;
  // UTF-16 units count one to three bytes each; an exact size is taken only if that bound exceeds the limit.
  const boundBytes = identity.inputText.length * 3;
  const longestMs = identity.expressId === undefined ? Number.POSITIVE_INFINITY : EXPRESS_MS;
  const run: Run = {
    identity,
    machine,
    root: newThread(machine.scope, { parent: undefined, index: 0, item: undefined, data: input, boundBytes }, 0),
    pending: new Waits(),
    deadlineAtMs: stage.atMs + Math.min(machine.timeoutMs ?? Number.POSITIVE_INFINITY, longestMs),
    eventCount: 0,
    turnCount: 0,
    variableBytes: 0,
    outcome: undefined,
  };
  const turn = newTurn(run, stage);
  turn.input = input;
  if (stage.variables) assign(turn, run.root, stage.variables);
  return play(turn, begin);
};
