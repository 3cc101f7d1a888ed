import { AsyncLocalStorage } from 'node:async_hooks';

/** How often each call was made, by who made it: `{ 'catalogue-stf': { 'store transact': 1 } }`. */
export type Counts = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Counts calls by the function, or the part of papilio, that makes them. */
export type CallTally = {
  readonly note: (call: string, count?: number) => void;
  /** Whatever is noted until it has ended, by it alone, is noted as made by `name`. */
  readonly by: <T>(name: string, act: () => T) => T;
  /** What was counted since it was last taken. */
  readonly take: () => Counts;
};

const sorted = <T>(map: ReadonlyMap<string, T>): [string, T][] => [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));

/** A tally that has counted nothing yet; what nobody is known to have made was made by the services themselves. */
export const aCallTally = (): CallTally => {
  const maker = new AsyncLocalStorage<string>();
  let counts = new Map<string, Map<string, number>>();
  return {
    note: (call, count = 1) => {
      const name = maker.getStore() ?? 'services';
      const made = counts.get(name) ?? new Map<string, number>();
      counts.set(name, made.set(call, (made.get(call) ?? 0) + count));
    },
    by: (name, act) => maker.run(name, act),
    take: () => {
      const taken = counts;
      counts = new Map();
      return Object.fromEntries(sorted(taken).map(([name, made]) => [name, Object.fromEntries(sorted(made))]));
    },
  };
};

/** Every method of a port is noted before it is called: `store get`, `outputs putFile`. */
export const noted = <T extends object>(
  port: T,
  tally: Pick<CallTally, 'note'>,
  nameOf: (method: string, args: readonly unknown[]) => readonly (readonly [string, number])[],
): T =>
  new Proxy(port, {
    get: (target, method, receiver) => {
      const found: unknown = Reflect.get(target, method, receiver);
      if (typeof found !== 'function' || typeof method !== 'string') return found;
      return (...args: unknown[]): unknown => {
        for (const [call, count] of nameOf(method, args)) tally.note(call, count);
        return Reflect.apply(found, target, args);
      };
    },
  });
