import type { Deps } from '#lib/deps';

/** What ends a process in a test: no catalogue error, so nobody handles it. */
export class Killed extends Error {}

type Moment = 'before' | 'after';
type Steps = { passed: number };

/**
 * The same dependencies in a process that dies at its n-th effect: before it happened, or after it did and before anybody
 * knew. From then on every call fails, as nothing runs in a dead process.
 */
export const dyingAt = <D extends Deps>(deps: D, step: number, moment: Moment): { deps: D; steps: Steps } => {
  const steps: Steps = { passed: 0 };
  const mortal =
    <A extends unknown[], R>(call: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      const at = steps.passed++;
      if (at > step || (at === step && moment === 'before')) throw new Killed(`before effect ${at}`);
      const result = await call(...given);
      if (at === step) throw new Killed(`after effect ${at}`);
      return result;
    };
  const { store, archive, outputs, incoming, queues, machines } = deps;
  const dying: D = {
    ...deps,
    store: { ...store, transact: mortal(store.transact) },
    archive: { ...archive, putFile: mortal(archive.putFile) },
    outputs: { ...outputs, putFile: mortal(outputs.putFile) },
    incoming: { ...incoming, remove: mortal(incoming.remove) },
    queues: { ...queues, send: mortal(queues.send) },
    machines: {
      ...machines,
      start: mortal(machines.start),
      succeed: mortal(machines.succeed),
      fail: mortal(machines.fail),
    },
    batch: (facility: string) => {
      const batch = deps.batch(facility);
      return { ...batch, submit: mortal(batch.submit), cancel: mortal(batch.cancel), release: mortal(batch.release) };
    },
  };
  return { deps: dying, steps };
};

/** Every way to die on the way through `count` effects. */
export const everyDeath = (count: number): { step: number; moment: Moment }[] =>
  Array.from({ length: count }, (_, step) => [
    { step, moment: 'before' as const },
    { step, moment: 'after' as const },
  ]).flat();
