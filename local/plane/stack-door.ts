import type { Log } from '#lib/log';
import type { Clock } from '#ports/clock';
import { accounts, type Plane } from '../../functions/catalog.ts';
import { openLambdaDoor } from '../host/lambda/door.ts';
import type { FunctionRunner } from '../host/runner.ts';
import { registerFunctionHost } from '../stack/function-hosts.ts';
import type { StackFile } from '../stack/stack-file.ts';

/** The functions of a plane as the stack's Lambda calls them. */
export type StackDoor = {
  /** From now on every call is refused; a state machine tries again by itself. */
  readonly refuse: () => void;
  readonly close: () => Promise<void>;
};

type DoorOptions = {
  readonly plane: Plane;
  readonly runner: FunctionRunner;
  readonly clock: Clock;
  readonly log: Log;
};

/** Opens Lambda's Invoke API for a plane's functions on a free port of loopback, and says in the stack's folder where it is. */
export const openStackDoor = async (
  stack: StackFile,
  { plane, runner, clock, log }: DoorOptions,
): Promise<StackDoor> => {
  const account = accounts[plane];
  let isRefusing = false;
  const door = await openLambdaDoor({
    runner: {
      ...runner,
      invoke: async (request) =>
        isRefusing ? { kind: 'refused', refusal: { reason: 'closing' } } : runner.invoke(request),
    },
    whereabouts: { region: stack.region, account },
    clock,
    port: 0,
    onDropped: ({ name }, reason) => log.warn({ function: name, reason }, 'event given up'),
  });
  const takeBack = await registerFunctionHost(stack.folder, account, door.url);
  log.info({ url: door.url }, 'functions can be called');
  return {
    refuse: () => {
      isRefusing = true;
    },
    close: async () => {
      await takeBack();
      await door.close();
    },
  };
};
