import { compileDataFlow } from '../data-flow.ts';
import { jsonSize, own } from '../json.ts';
import { exitBy } from '../leave.ts';
import { MAX_DATA_BYTES } from '../limits.ts';
import type { StateType } from './state-type.ts';

/** Pass: hands its input, or a fixed Result, to the next state. */
export const pass: StateType = {
  fields: ['InputPath', 'OutputPath', 'Parameters', 'ResultPath', 'Result', 'Output', 'Assign', 'Next', 'End'],
  compile: (definition, context) => {
    const flow = compileDataFlow(definition);
    const exit = exitBy(flow, context.next());
    const result = own(definition.fields, 'Result');
    const resultBytes = result === undefined ? 0 : jsonSize(result, MAX_DATA_BYTES + 1);
    return {
      exit,
      enter: (turn, thread) => {
        const input = flow.input(turn, thread);
        if (result !== undefined) turn.boundBytes = resultBytes;
        return exit(turn, thread, result === undefined ? input : result);
      },
    };
  },
};
