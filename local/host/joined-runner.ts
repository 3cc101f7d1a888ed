import type { FunctionRunner } from './runner.ts';

/** Several runners as one: a function runs where the first of them knows it. */
export const joinRunners = (runners: readonly FunctionRunner[]): FunctionRunner => {
  const of = (name: string) => runners.find((runner) => runner.describe(name) !== undefined);
  return {
    invoke: async (request) => of(request.name)?.invoke(request) ?? { kind: 'refused', refusal: { reason: 'missing' } },
    list: () => {
      const known = new Map(runners.toReversed().flatMap((runner) => runner.list().map((one) => [one.spec.name, one])));
      return [...known.values()].sort((one, other) => (one.spec.name < other.spec.name ? -1 : 1));
    },
    describe: (name) => of(name)?.describe(name),
    logs: (name, query) => of(name)?.logs(name, query) ?? [],
    followLogs: (name, tell) => of(name)?.followLogs(name, tell) ?? (() => undefined),
  };
};
