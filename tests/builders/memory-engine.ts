import { accounts, type Plane } from '../../functions/catalog.ts';
import { AwsError } from '../../local/engine/part.ts';
import { aStatesPart, type TestStates } from './a-states-part.ts';
import type { FakeClock } from './fake-clock.ts';

/** A plane's Step Functions in memory, answering as its socket does. */
export type MemoryEngine = TestStates & {
  readonly ask: (operation: string, input: object) => Promise<{ status: number; body: unknown }>;
};

const engineOf = (plane: Plane, clock: FakeClock): MemoryEngine => {
  const states = aStatesPart({ clock, account: accounts[plane] });
  return {
    ...states,
    ask: async (operation, input) => {
      try {
        return { status: 200, body: await states.call(operation, input) };
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        return { status: error.status, body: { __type: error.code, message: error.message } };
      }
    },
  };
};

/** The engines of both planes. */
export const enginesInMemory = (clock: FakeClock): Readonly<Record<Plane, MemoryEngine>> => ({
  archive: engineOf('archive', clock),
  work: engineOf('work', clock),
});
