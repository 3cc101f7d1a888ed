import type { Link, Next, Thread, Turn } from './model.ts';
import { countEvent } from './turn.ts';

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
