import { randomInt } from 'node:crypto';
import type { Identity } from '../identity.ts';
import { advance } from '../interpreter.ts';
import type { Run, Turn } from '../model.ts';
import type { Execution, Registry } from '../registry.ts';
import { startRun } from '../start-run.ts';
import type { Stimulus } from '../stimulus.ts';
import type { Stage } from '../turn.ts';

/** A number for an execution whose caller waits for its end; the journal counts its own upwards from one. */
export const callersSerial = (): number => -randomInt(1, 2 ** 47);

/** True if the journal never hears of an execution, because its caller waits for its end. */
export const isUnknownToJournal = ({ identity }: Execution): boolean => identity.serial < 0;

/** What an execution of an express machine begins with. */
export type Beginning = Pick<Execution, 'entry' | 'machine' | 'parent' | 'traceHeader'> & {
  readonly identity: Identity;
};

/** Forgets an execution of an express machine: nobody can ask for it once it has ended. */
const forget = (registry: Registry, execution: Execution): void => {
  execution.run = undefined;
  const wasThere = isUnknownToJournal(execution)
    ? registry.called.delete(execution.identity.serial)
    : registry.executions.delete(execution);
  if (wasThere) execution.entry.running -= 1;
};

const settle = (registry: Registry, execution: Execution, { outcome }: Run, atMs: number): void => {
  if (!outcome) return;
  execution.outcome = outcome;
  execution.stoppedAtMs = atMs;
  forget(registry, execution);
};

/** Starts an execution of an express machine and runs its first turn; one that ends in it is never in the registry. */
export const beginExpress = (
  registry: Registry,
  { entry, machine, identity, parent, traceHeader }: Beginning,
  stage: Stage,
): { execution: Execution; turn: Turn } => {
  // An old one need not be played as it was, for it begins again after a restart; it may have no end.
  const turn = startRun(identity, machine, { ...stage, work: stage.work ?? registry.options.workAtOnce });
  const execution: Execution = {
    identity,
    entry,
    machine,
    parent,
    turns: [],
    run: turn.run,
    outcome: undefined,
    stoppedAtMs: undefined,
    eventCount: 0,
    isWhole: true,
    share: undefined,
    mapRuns: undefined,
    traceHeader,
  };
  if (isUnknownToJournal(execution)) registry.called.set(identity.serial, execution);
  else registry.executions.add(execution);
  entry.running += 1;
  settle(registry, execution, turn.run, stage.atMs);
  return { execution, turn };
};

/** Carries an execution of an express machine on; the journal knows nothing of it. */
export const advanceExpress = (
  registry: Registry,
  execution: Execution,
  run: Run,
  stimulus: Stimulus,
  atMs: number,
): Turn => {
  const turn = advance(run, stimulus, { atMs, secret: registry.secret, work: registry.options.workAtOnce });
  settle(registry, execution, run, atMs);
  return turn;
};

/** Starts an execution again from its beginning, since nobody knows how far it had come. */
export const repeatExpress = (registry: Registry, execution: Execution, atMs: number): Turn => {
  const turn = startRun(execution.identity, execution.machine, {
    atMs,
    secret: registry.secret,
    work: registry.options.workAtOnce,
  });
  execution.run = turn.run;
  settle(registry, execution, turn.run, atMs);
  return turn;
};

/** Applies that an execution has ended. */
export const endExpress = (registry: Registry, serial: number): void => {
  const execution = registry.execution(serial);
  if (execution) forget(registry, execution);
};
