import { compileDataFlow, type DataFlow } from '../data-flow.ts';
import type { Definition } from '../definition.ts';
import { StateFailure } from '../failure.ts';
import { type Json, jsonSize } from '../json.ts';
import { leave } from '../leave.ts';
import { MAX_DATA_BYTES } from '../limits.ts';
import type { Thread, Turn } from '../model.ts';
import { compileRecovery } from '../recovery.ts';
import { compileIntegration } from '../resources/table.ts';
import type { Behaviour, CompileContext } from '../states/state-type.ts';
import { checkedBound } from '../turn.ts';
import { compileMapInput, type MapTest, mapFlow } from './mocked-map.ts';
import type { Mocked } from './test-request.ts';

/** What a state does before the work that the mock stands for; it may throw what the state would. */
type Prepare = (turn: Turn, thread: Thread, input: Json) => void;

const preparations: Readonly<Record<string, (definition: Definition, map: MapTest) => Prepare>> = {
  Task: (definition) => {
    const integration = compileIntegration(definition);
    // The request is made for what it refuses, then dropped.
    return (turn, thread, input) => void integration?.request(turn, thread, input);
  },
  Map: compileMapInput,
  Parallel: () => () => undefined,
};

const flowOf = (definition: Definition, type: string): DataFlow =>
  type === 'Map' ? mapFlow(definition) : compileDataFlow(definition);

/** Compiles a Task, Map or Parallel state whose work is not done: the mock is its result, or how it fails. */
export const compileMocked = (
  definition: Definition,
  context: CompileContext,
  { type, mocked, map }: { type: string; mocked: Mocked; map: MapTest },
): Behaviour => {
  const flow = flowOf(definition, type);
  const link = context.next();
  const prepare = preparations[type]?.(definition, map);
  return {
    enter: (turn, thread) => {
      prepare?.(turn, thread, flow.input(turn, thread));
      if (mocked.error !== undefined) throw new StateFailure(mocked.error, mocked.cause);
      turn.boundBytes = checkedBound(thread, mocked.result, jsonSize(mocked.result, MAX_DATA_BYTES));
      flow.output(turn, thread, mocked.result);
      return leave(turn, thread, link);
    },
    recover: compileRecovery(definition, context),
  };
};
