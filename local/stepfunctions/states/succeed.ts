import { compileDataFlow } from '../data-flow.ts';
import { leave } from '../leave.ts';
import { END } from '../model.ts';
import type { StateType } from './state-type.ts';

/** Succeed: ends its branch, or the execution. */
export const succeed: StateType = {
  fields: ['InputPath', 'OutputPath'],
  compile: (definition) => {
    const flow = compileDataFlow(definition);
    const link = { to: END } as const;
    return {
      enter: (turn, thread) => {
        flow.output(turn, thread, flow.input(turn, thread));
        return leave(turn, thread, link);
      },
    };
  },
};
