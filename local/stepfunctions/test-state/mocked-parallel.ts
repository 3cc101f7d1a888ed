import { compileDataFlow } from '../data-flow.ts';
import type { Definition } from '../definition.ts';
import { StateFailure } from '../failure.ts';
import { jsonSize } from '../json.ts';
import { exitBy } from '../leave.ts';
import { MAX_DATA_BYTES } from '../limits.ts';
import { compileRecovery } from '../recovery.ts';
import type { Behaviour, CompileContext } from '../states/state-type.ts';
import { checkedBound } from '../turn.ts';
import type { Mocked } from './test-request.ts';

/** Compiles a Parallel state whose branches are not run: the mock is what they gave, or how one of them failed. */
export const compileMockedParallel = (definition: Definition, context: CompileContext, mocked: Mocked): Behaviour => {
  const flow = compileDataFlow(definition);
  const exit = exitBy(flow, context.next());
  return {
    exit,
    enter: (turn, thread) => {
      flow.input(turn, thread);
      if (mocked.error !== undefined) throw new StateFailure(mocked.error, mocked.cause);
      turn.boundBytes = checkedBound(thread, mocked.result, jsonSize(mocked.result, MAX_DATA_BYTES));
      return exit(turn, thread, mocked.result);
    },
    recover: compileRecovery(definition, context),
  };
};
