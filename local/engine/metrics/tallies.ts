import type { Home } from '../../stepfunctions/identity.ts';
import type { Outcome } from '../../stepfunctions/model.ts';
import { AwsError, type PartName } from '../part.ts';
import type { Sample } from './exposition.ts';

/** How the calls of one operation went. Counting one costs an addition. */
export type Tally = { ok: number; readonly failures: Map<string, number> };

/** Makes the counts of calls. Operations are few: what is none is counted under one name. */
export function createCallTallies() {
  const tallies: Readonly<Record<PartName, Map<string, Tally>>> = { sqs: new Map(), sfn: new Map() };
  return {
    of: (service: PartName, operation: string): Tally => {
      const known = tallies[service].get(operation);
      if (known) return known;
      const tally: Tally = { ok: 0, failures: new Map() };
      tallies[service].set(operation, tally);
      return tally;
    },
    samples: (): Sample[] =>
      Object.entries(tallies).flatMap(([service, operations]) =>
        [...operations].flatMap(([operation, { ok, failures }]) =>
          [['OK', ok] as const, ...failures]
            .filter(([, value]) => value > 0)
            .map(([code, value]) => ({ labels: { service, operation, code }, value })),
        ),
      ),
  };
}

/** Calls by operation. */
export type CallTallies = ReturnType<typeof createCallTallies>;

/** Counts a call that failed; gives its error back to be thrown. */
export const noteFailure = <E>({ failures }: Tally, error: E): E => {
  const code = error instanceof AwsError ? error.code : 'InternalFailure';
  failures.set(code, (failures.get(code) ?? 0) + 1);
  return error;
};

type Ended = Record<Outcome['status'], number>;
type Machine = { started: number; readonly ended: Ended };

/** More state machines than these are counted as one. */
const mostMachines = 1000;
const other = 'other';

const machine = (): Machine => ({ started: 0, ended: { SUCCEEDED: 0, FAILED: 0, TIMED_OUT: 0, ABORTED: 0 } });

/** Makes the counts of executions. One after the other is mostly of the same, which costs no look-up. */
export function createExecutionTallies() {
  const byName = new Map<string, Machine>();
  let lastHome: Home | undefined;
  let last = machine();
  return {
    of: (home: Home): Machine => {
      if (home === lastHome) return last;
      const name = byName.has(home.machineName) || byName.size < mostMachines ? home.machineName : other;
      lastHome = home;
      last = byName.get(name) ?? machine();
      byName.set(name, last);
      return last;
    },
    started: (): Sample[] => [...byName].map(([name, { started }]) => ({ labels: { machine: name }, value: started })),
    ended: (): Sample[] =>
      [...byName].flatMap(([name, { ended }]) =>
        Object.entries(ended)
          .filter(([, value]) => value > 0)
          .map(([status, value]) => ({ labels: { machine: name, status }, value })),
      ),
  };
}
