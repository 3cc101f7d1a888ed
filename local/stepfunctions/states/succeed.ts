import { compileDataFlow } from '../data-flow.ts';
import { exitBy } from '../leave.ts';
import { END } from '../model.ts';
import type { StateType } from './state-type.ts';

/** Succeed: ends its branch, or the execution. */
export const succeed: StateType = {
  fields: ['InputPath', 'OutputPath', 'Output'],
  compile: (definition) => {
    const flow = compileDataFlow(definition);
    const exit = exitBy(flow, { to: END });
    return {
      exit,
      enter: (turn, thread) => exit(turn, thread, flow.input(turn, thread)),
    };
  },
};
