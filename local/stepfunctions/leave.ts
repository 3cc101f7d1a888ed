import type { DataFlow } from './data-flow.ts';
import type { Json } from './json.ts';
import type { Link, Next, Thread, Turn } from './model.ts';
import { countEvent } from './turn.ts';

/** The way of a result out of a state. */
export const exitBy =
  (flow: Pick<DataFlow, 'output'>, link: Link) =>
  (turn: Turn, thread: Thread, result: Json): Next => {
    flow.output(turn, thread, result);
    return leave(turn, thread, link);
  };

/** Leaves the thread's state with its data as output. */
export const leave = (turn: Turn, thread: Thread, link: Link): Next => {
  countEvent(turn, thread);
  turn.record?.({
    type: `${thread.state.type}StateExited`,
    stateExitedEventDetails: {
      name: thread.state.name,
      output: JSON.stringify(thread.data),
      outputDetails: { truncated: false },
    },
  });
  return link.to;
};
