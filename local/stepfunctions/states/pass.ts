import { compileDataFlow } from '../data-flow.ts';
import { jsonSize, own } from '../json.ts';
import { leave } from '../leave.ts';
import { MAX_DATA_BYTES } from '../limits.ts';
import type { StateType } from './state-type.ts';

/** Pass: hands its input, or a fixed Result, to the next state. */
export const pass: StateType = {
  fields: ['InputPath', 'OutputPath', 'Parameters', 'ResultPath', 'Result', 'Next', 'End'],
  compile: (definition, context) => {
    const flow = compileDataFlow(definition);
    const link = context.next();
    const result = own(definition.fields, 'Result');
    const resultBytes = result === undefined ? 0 : jsonSize(result, MAX_DATA_BYTES + 1);
    return {
      enter: (turn, thread) => {
        const input = flow.input(turn, thread);
        if (result !== undefined) turn.boundBytes = resultBytes;
        flow.output(turn, thread, result === undefined ? input : result);
        return leave(turn, thread, link);
      },
    };
  },
};
