import { randomBytes } from 'node:crypto';
import type { Log } from '#lib/log';
import type { Clock } from '#ports/clock';
import { accounts, type CatalogEntry, type Plane } from '../../functions/catalog.ts';
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
  readonly catalog: Readonly<Record<string, CatalogEntry>>;
  readonly runner: FunctionRunner;
  readonly clock: Clock;
  readonly log: Log;
};

/** Only what state machines call: the other functions are fed by the plane itself, from queues whose messages are sealed. */
const forMachines = (runner: FunctionRunner, catalog: DoorOptions['catalog']): FunctionRunner => {
  const isOpen = (name: string): boolean => Object.hasOwn(catalog, name) && catalog[name]?.trigger.kind === 'machine';
  return {
    ...runner,
    invoke: async (request) =>
      isOpen(request.name) ? runner.invoke(request) : { kind: 'refused', refusal: { reason: 'missing' } },
    list: () => runner.list().filter(({ spec }) => isOpen(spec.name)),
    describe: (name) => (isOpen(name) ? runner.describe(name) : undefined),
  };
};

/**
 * Opens Lambda's Invoke API for what a plane's state machines call, on a free port of loopback, and says in the stack's folder
 * where it is and how the stack's Lambda is let in.
 */
export const openStackDoor = async (
  stack: StackFile,
  { plane, catalog, runner: all, clock, log }: DoorOptions,
): Promise<StackDoor> => {
  const account = accounts[plane];
  const runner = forMachines(all, catalog);
  // An emulator that an earlier papilio started says nothing of a secret.
  const secret = stack.secret === undefined ? undefined : randomBytes(24).toString('base64url');
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
    ...(secret !== undefined && { secret }),
    onDropped: ({ name }, reason) => log.warn({ function: name, reason }, 'event given up'),
  });
  const takeBack = await registerFunctionHost(stack.folder, account, door.url, secret);
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
