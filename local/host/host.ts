import { randomBytes, randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { PapilioError } from '#lib/errors';
import { jsonOf } from '#lib/model/json';
import type { Clock } from '#ports/clock';
import { arnOf } from './arn.ts';
import type { FunctionCode } from './function-code.ts';
import { startKeeper } from './instance/keeper.ts';
import type { Whereabouts } from './instance/launch.ts';
import { memoryBySession } from './instance/processes.ts';
import { defaultLimits, type HostLimits } from './limits.ts';
import { createDispatch, type Dispatch } from './pool/dispatch.ts';
import { type Common, Pool } from './pool/pool.ts';
import { type Repeating, repeating } from './pool/repeating.ts';
import {
  type Deployment,
  type DeploymentProblem,
  type FunctionHost,
  type FunctionRunner,
  type FunctionSpec,
  type InvocationOutcome,
  type InvocationRequest,
  type Refusal,
  requestLimitBytes,
} from './runner.ts';
import { awsRuntimeClient, ownRuntimeClient, type RuntimeClient } from './runtime/runtime-client.ts';

/** What a host is made of. */
export type HostOptions = {
  readonly clock: Clock;
  readonly codes: ReadonlyMap<string, FunctionCode>;
  /** What is deployed from the beginning. */
  readonly functions: readonly FunctionSpec[];
  readonly whereabouts: Whereabouts;
  readonly limits?: Partial<HostLimits>;
  /** The program of each instance: AWS's own client if it is there, else papilio's. */
  readonly client?: RuntimeClient;
  readonly compileCache?: string;
};

/** How often is looked whether instances hold more memory than they may. */
const weighEveryMs = 200;
const tendEveryMs = 1000;

/** Names that Lambda and OpenFaaS both take. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;

const refused = (refusal: Refusal): InvocationOutcome => ({ kind: 'refused', refusal });
const problem = (what: DeploymentProblem): Deployment => ({ ok: false, problem: what });
const done: Deployment = { ok: true };

const isValid = ({ name, memoryMb, timeoutS, concurrency }: FunctionSpec): boolean =>
  namePattern.test(name) && memoryMb >= 64 && timeoutS > 0 && Number.isInteger(concurrency) && concurrency > 0;

/** Why a text is no event; undefined if it is one. */
const flawOf = (payload: string): Refusal | undefined => {
  if (Buffer.byteLength(payload) > requestLimitBytes) return { reason: 'too-large', limitBytes: requestLimitBytes };
  try {
    JSON.parse(payload);
    return undefined;
  } catch (error) {
    return { reason: 'not-json', detail: error instanceof Error ? error.message : String(error) };
  }
};

/** What a header can carry: JSON in ASCII. Undefined if it is not base64 of JSON. */
const contextText = (base64: string): string | undefined => {
  const value = jsonOf(Buffer.from(base64, 'base64').toString('utf8'));
  if (value === undefined) return undefined;
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
};

const traceOf = (nowMs: number): string =>
  `Root=1-${Math.floor(nowMs / 1000).toString(16)}-${randomBytes(12).toString('hex')};Parent=${randomBytes(8).toString('hex')};Sampled=0`;

/** What the parts of one host share. */
type House = {
  readonly options: HostOptions;
  readonly limits: HostLimits;
  readonly pools: Map<string, Pool>;
  /** Pools that were replaced or removed and whose last instances still work. */
  readonly retired: Set<Pool>;
  readonly dispatch: Dispatch;
  readonly open: (spec: FunctionSpec, code: FunctionCode, before: Pool | undefined) => Pool;
  /** Calls that run or wait. */
  readonly calls: Set<Promise<unknown>>;
  readonly watches: readonly Repeating[];
  isClosing: boolean;
};

const everyPool = ({ pools, retired }: House): readonly Pool[] => [...pools.values(), ...retired];

const buildHouse = (options: HostOptions, mark: string): House => {
  const { clock, whereabouts, compileCache, client = awsRuntimeClient() ?? ownRuntimeClient } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const common: Common = { host: mark, clock, whereabouts, client, compileCache, initTimeoutS: limits.initTimeoutS };
  let last = 0;
  const nextNumber = () => {
    last += 1;
    return last;
  };
  const weighing = repeating(clock, weighEveryMs, () => weigh(house));
  const tending = repeating(clock, tendEveryMs, () => tend(house));
  const house: House = {
    options,
    limits,
    pools: new Map(),
    retired: new Set(),
    dispatch: createDispatch({ clock, limits, pools: () => everyPool(house) }),
    open: (spec, code, before) =>
      new Pool({ spec, code, before, common, nextNumber, onChange: () => house.dispatch.serve() }),
    calls: new Set(),
    watches: [weighing, tending],
    isClosing: false,
  };
  return house;
};

/** Weighs those at work; says whether there are any. */
const weigh = (house: House): boolean => {
  const busy = everyPool(house).flatMap((pool) => [...pool.instances()].filter(({ isIdle }) => !isIdle));
  if (busy.length === 0) return false;
  const memory = memoryBySession();
  for (const instance of busy) instance.weigh(memory.get(instance.pid ?? 0) ?? 0);
  return true;
};

/** Freezes and ends what has no work; says whether any instance lives. */
const tend = (house: House): boolean => {
  const { freezeAfterS, idleS } = house.limits;
  const nowMs = house.options.clock.nowMs();
  for (const pool of everyPool(house))
    pool.tend({ frozenSinceMs: nowMs - freezeAfterS * 1000, endedSinceMs: nowMs - idleS * 1000 });
  for (const pool of house.retired) if (pool.live === 0) house.retired.delete(pool);
  return everyPool(house).some(({ live }) => live > 0);
};

const invokeIn = async (house: House, pool: Pool, request: InvocationRequest): Promise<InvocationOutcome> => {
  const { clock, whereabouts } = house.options;
  const acquired = await house.dispatch.acquire(pool, Buffer.byteLength(request.payload));
  if (!acquired.ok) return refused(acquired.refusal);
  for (const watch of house.watches) watch.wake();
  pool.counts.invocations += 1;
  const ended = await acquired.instance.run({
    requestId: request.requestId,
    payload: request.payload,
    functionArn: request.invokedArn ?? arnOf(whereabouts, request.name),
    traceId: request.traceId ?? traceOf(clock.nowMs()),
    clientContext: request.clientContext && contextText(request.clientContext),
  });
  const { payload, logTail, report } = ended;
  if (!ended.isFailure) return { kind: 'answered', payload, logTail, report };
  pool.counts.failures += 1;
  return { kind: 'failed', functionError: 'Unhandled', payload, logTail, report };
};

const runnerOf = (house: House): FunctionRunner => ({
  invoke: async (request) => {
    if (house.isClosing) return refused({ reason: 'closing' });
    const pool = house.pools.get(request.name);
    if (pool === undefined) return refused({ reason: 'missing' });
    const flaw = flawOf(request.payload);
    if (flaw !== undefined) return refused(flaw);
    const call = invokeIn(house, pool, request);
    house.calls.add(call);
    return call.finally(() => house.calls.delete(call));
  },
  list: () =>
    [...house.pools.values()]
      .map((pool) => pool.describe())
      .sort((one, other) => (one.spec.name < other.spec.name ? -1 : 1)),
  describe: (name) => house.pools.get(name)?.describe(),
  logs: (name, query) => house.pools.get(name)?.log.read(query) ?? [],
  followLogs: (name, tell) => house.pools.get(name)?.log.follow(tell) ?? (() => undefined),
});

/** Puts a function under its name, in the place of what was there. */
const put = (house: House, spec: FunctionSpec): Deployment => {
  const code = house.options.codes.get(spec.code);
  if (!isValid(spec)) return problem('invalid');
  if (code === undefined) return problem('unknown-code');
  const before = house.pools.get(spec.name);
  const pool = house.open(spec, code, before);
  house.pools.set(spec.name, pool);
  if (before !== undefined) retire(house, before, pool);
  return done;
};

const retire = (house: House, pool: Pool, by?: Pool): void => {
  pool.retire();
  house.retired.add(pool);
  house.dispatch.replace(pool, by);
  house.dispatch.serve();
};

const deploymentsOf = (house: House): Omit<FunctionHost, keyof FunctionRunner | 'close'> => ({
  codes: () => [...house.options.codes.keys()].sort(),
  deploy: async (spec) => (house.pools.has(spec.name) ? problem('exists') : put(house, spec)),
  update: async (spec) => (house.pools.has(spec.name) ? put(house, spec) : problem('missing')),
  remove: async (name) => {
    const pool = house.pools.get(name);
    if (pool === undefined) return problem('missing');
    house.pools.delete(name);
    retire(house, pool);
    return done;
  },
  scale: async (name, instances) => {
    const pool = house.pools.get(name);
    if (pool === undefined) return problem('missing');
    if (!Number.isInteger(instances) || instances < 0) return problem('invalid');
    const live = everyPool(house).reduce((sum, each) => sum + each.live, 0);
    pool.scale(instances, house.limits.instances - live);
    for (const watch of house.watches) watch.wake();
    return done;
  },
});

/** Waits for the calls that run, at most so long. */
const whenDone = (house: House, patienceMs: number): Promise<unknown> => {
  const { clock } = house.options;
  const ended = Promise.withResolvers<void>();
  const cancel = clock.at(clock.nowMs() + patienceMs, () => ended.resolve());
  return Promise.race([Promise.all(house.calls), ended.promise]).finally(cancel);
};

/** Opens a host: functions in processes of their own, each under a client of Lambda's Runtime API. @throws config-invalid */
export const openFunctionHost = (options: HostOptions): FunctionHost => {
  const mark = randomUUID();
  const keeper = startKeeper(mark);
  const house = buildHouse(options, mark);
  for (const spec of options.functions) {
    const deployed = put(house, spec);
    if (!deployed.ok) throw new PapilioError('config-invalid', `function ${spec.name}: ${deployed.problem}`);
  }
  return {
    ...runnerOf(house),
    ...deploymentsOf(house),
    close: async (patienceMs = 0) => {
      house.isClosing = true;
      house.dispatch.close();
      if (house.calls.size > 0 && patienceMs > 0) await whenDone(house, patienceMs);
      for (const watch of house.watches) watch.stop();
      const living = everyPool(house).flatMap((pool) => [...pool.instances()]);
      for (const instance of living) instance.end();
      await Promise.all(living.map(({ gone }) => gone));
      await setImmediate();
      await keeper.sweep();
    },
  };
};
