import type { Scope as EvaluationScope } from './expressions/scope.ts';
import { arnOf } from './identity.ts';
import type { Json } from './json.ts';
import type { Thread, Turn } from './model.ts';
import { inputOf, randomOf, taskToken } from './turn.ts';
import { variableOf } from './variables.ts';

/** The innermost Map item that the thread works on. */
const itemOf = (thread: Thread): Thread | undefined => {
  for (let each: Thread | undefined = thread; each; each = each.parent) if (each.item !== undefined) return each;
  return undefined;
};

/** What it takes to make a context object, in steps. */
const CONTEXT_STEPS = 100;

let last = { atMs: 0, text: new Date(0).toISOString() };

/** A moment's text; made once for all who begin in the same millisecond. */
const iso = (atMs: number): string => {
  if (atMs !== last.atMs) last = { atMs, text: new Date(atMs).toISOString() };
  return last.text;
};

const describeItem = ({ index, item, itemKey, itemSource }: Thread): Json => ({
  Index: index,
  ...(itemKey !== undefined && { Key: itemKey }),
  Value: item ?? null,
  Source: itemSource ?? 'STATE_DATA',
});

/** The context object, `$$`. Its token is the one of the task at work, or else of the one that the next event schedules. */
const contextObject = (turn: Turn, thread: Thread, item: Thread | undefined): Json => {
  const { identity, machine, redrive } = turn.run;
  const mapped = item && { Map: { Item: describeItem(item) } };
  if (machine.context) return { ...machine.context, ...mapped };
  return {
    Execution: {
      Id: arnOf(identity),
      Input: inputOf(turn),
      Name: identity.name,
      RoleArn: identity.home.roleArn,
      StartTime: iso(identity.startedAtMs),
      ...(identity.expressId === undefined && { RedriveCount: redrive?.count ?? 0 }),
      ...(redrive && { RedriveTime: iso(redrive.atMs) }),
    },
    State: {
      Name: thread.state.name,
      EnteredTime: iso(thread.enteredAtMs),
      RetryCount: (thread.retries ?? []).reduce((sum, count) => sum + count, 0),
    },
    StateMachine: { Id: identity.home.machineArn, Name: identity.home.machineName },
    ...(thread.state.type === 'Task' && {
      Task: { Token: taskToken(turn.secret, identity, thread.pending?.id ?? turn.run.eventCount + 1) },
    }),
    ...mapped,
  };
};

/** The context object as an expression of the state sees it; `item` is a Map item about to begin. */
export const contextOf = (turn: Turn, thread: Thread, item?: Thread): Json =>
  contextObject(turn, thread, item ?? itemOf(thread));

/** What expressions see in the thread's current state; `item` is a Map item about to begin. */
export const scopeOf = (turn: Turn, thread: Thread, data: Json, item?: Thread): EvaluationScope => ({
  data,
  context: () => {
    turn.meter.spend(CONTEXT_STEPS);
    return contextOf(turn, thread, item);
  },
  variable: (name) => variableOf(thread, name),
  random: () => randomOf(turn),
  meter: turn.meter,
});
