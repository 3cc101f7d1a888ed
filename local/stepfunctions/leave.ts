import type { DataFlow } from './data-flow.ts';
import type { Json, JsonObject } from './json.ts';
import type { Link, Next, Thread, Turn } from './model.ts';
import { countEvent } from './turn.ts';

/** The way of a result out of a state. */
export const exitBy =
  (flow: Pick<DataFlow, 'output'>, link: Link) =>
  (turn: Turn, thread: Thread, result: Json): Next => {
    flow.output(turn, thread, result);
    return leave(turn, thread, link);
  };

/** Variables as an event shows them: their values as JSON text. */
const assigned = (values: JsonObject): object => ({
  assignedVariables: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)])),
  assignedVariablesDetails: { truncated: false },
});

/** Leaves the thread's state with its data as output. */
export const leave = (turn: Turn, thread: Thread, link: Link): Next => {
  countEvent(turn, thread);
  const { assigned: variables } = turn;
  turn.assigned = undefined;
  turn.record?.({
    type: `${thread.state.type}StateExited`,
    stateExitedEventDetails: {
      name: thread.state.name,
      output: JSON.stringify(thread.data),
      outputDetails: { truncated: false },
      ...(variables && assigned(variables)),
    },
  });
  return link.to;
};
