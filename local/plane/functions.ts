import { randomUUID } from 'node:crypto';
import type { Deps } from '#lib/deps';
import { PapilioError } from '#lib/errors';
import type { Handler, PapilioFunction } from '#lib/function';
import type { Clock } from '#ports/clock';
import type { CatalogEntry, Plane } from '../../functions/catalog.ts';
import type { Guard } from './guard.ts';

/** The functions that a plane runs, by name, each with what the catalogue says of it. */
export type Loaded = { readonly name: string; readonly entry: CatalogEntry; readonly handler: Handler };

/** Calls a function of this plane as Lambda would. `ids` name what it handles: one execution step, or the messages of a batch. */
export type Call = (name: string, payload: unknown, ids: readonly string[]) => Promise<unknown>;

/** A function ran longer than the catalogue allows; it is left behind, as Lambda leaves its sandbox behind. */
export class Timedout extends Error {
  constructor(requestId: string, timeoutS: number) {
    super(`RequestId: ${requestId} Error: Task timed out after ${timeoutS.toFixed(2)} seconds`);
    this.name = 'Sandbox.Timedout';
  }
}

/** No function of this plane has the name. */
export class NoSuchFunction extends PapilioError {
  constructor(name: string) {
    super('record-missing', `function ${name} in this plane`);
  }
}

const camelCase = (name: string): string => name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

const isFunction = (value: unknown): value is PapilioFunction =>
  typeof value === 'object' && value !== null && 'handlerWith' in value && typeof value.handlerWith === 'function';

type LoadOptions = {
  readonly plane: Plane;
  readonly catalog: Readonly<Record<string, CatalogEntry>>;
  /** Folder of `<area>/<name>.fn.ts`. */
  readonly folder: URL;
  readonly deps: () => Promise<Deps>;
};

/** Imports the functions of a plane. @throws config-invalid if a file or its export is not what the catalogue says. */
export const loadFunctions = async ({
  plane,
  catalog,
  folder,
  deps,
}: LoadOptions): Promise<ReadonlyMap<string, Loaded>> => {
  const own = Object.entries(catalog).filter(([, entry]) => entry.plane === plane);
  const load = async ([name, entry]: [string, CatalogEntry]): Promise<[string, Loaded]> => {
    const path = `${entry.area}/${name}.fn.ts`;
    const found: Record<string, unknown> = await import(new URL(path, folder).href);
    const definition = found[camelCase(name)];
    if (!isFunction(definition)) {
      throw new PapilioError(
        'config-invalid',
        `functions/${path} does not export ${camelCase(name)} made by defineFunction`,
      );
    }
    return [name, { name, entry, handler: definition.handlerWith(deps) }];
  };
  return new Map(await Promise.all(own.map(load)));
};

const contextOf = (loaded: Loaded, clock: Clock, requestId: string) => {
  const endsAtMs = clock.nowMs() + loaded.entry.timeoutS * 1000;
  return {
    functionName: loaded.name,
    functionVersion: '$LATEST',
    memoryLimitInMB: String(loaded.entry.memoryMb),
    awsRequestId: requestId,
    getRemainingTimeInMillis: () => Math.max(0, endsAtMs - clock.nowMs()),
  };
};

/** Waits for the handler, at most as long as the catalogue allows. */
const withTimeout = (loaded: Loaded, payload: unknown, clock: Clock, requestId: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const { timeoutS } = loaded.entry;
    const cancel = clock.at(clock.nowMs() + timeoutS * 1000, () => reject(new Timedout(requestId, timeoutS)));
    loaded
      .handler(payload, contextOf(loaded, clock, requestId))
      .then(resolve, reject)
      .finally(cancel);
  });

type CallOptions = {
  readonly functions: () => Promise<ReadonlyMap<string, Loaded>>;
  readonly guard: Guard;
  readonly clock: Clock;
};

/** Makes the one way to call a function of this plane: guarded, timed, with Lambda's context. @throws NoSuchFunction */
export const createCall =
  ({ functions, guard, clock }: CallOptions): Call =>
  async (name, payload, ids) => {
    const loaded = (await functions()).get(name);
    if (loaded === undefined) throw new NoSuchFunction(name);
    const requestId = ids.length === 1 ? (ids[0] ?? '') : randomUUID();
    return guard.run(name, ids, () => withTimeout(loaded, payload, clock, requestId));
  };
