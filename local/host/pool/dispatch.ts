import type { Clock } from '#ports/clock';
import type { Instance } from '../instance/instance.ts';
import type { HostLimits } from '../limits.ts';
import type { Refusal } from '../runner.ts';
import type { Pool } from './pool.ts';

/** An instance that is the caller's own, or why there is none. */
export type Acquired =
  | { readonly ok: true; readonly instance: Instance }
  | { readonly ok: false; readonly refusal: Refusal };

/** Finds instances for calls. */
export type Dispatch = {
  /** One for a call of so many bytes; a call that would have to wait is refused once those that wait already hold enough. */
  readonly acquire: (pool: Pool, sizeBytes: number) => Promise<Acquired>;
  /** Something became free: calls that wait are looked at, in the order in which they came. */
  readonly serve: () => void;
  /** Calls that wait for one pool wait for the other from now on; without another they are refused. */
  readonly replace: (pool: Pool, by: Pool | undefined) => void;
  readonly close: () => void;
};

type Waiting = { pool: Pool; readonly settle: (acquired: Acquired) => void };

type DispatchOptions = {
  readonly clock: Clock;
  readonly limits: HostLimits;
  /** All pools, retired ones too: their instances take room until they are gone. */
  readonly pools: () => Iterable<Pool>;
};

const refused = (refusal: Refusal): Acquired => ({ ok: false, refusal });

/** Whether one more instance may live; where the host is full, the one that is idle longest goes for it. */
const hasRoom = ({ limits, pools }: DispatchOptions): boolean => {
  let live = 0;
  for (const pool of pools()) live += pool.live;
  if (live < limits.instances) return true;
  const oldest = [...pools()]
    .flatMap((pool) => {
      const instance = pool.oldestIdle();
      return instance === undefined ? [] : [{ pool, instance }];
    })
    .sort((one, other) => one.instance.idleSinceMs - other.instance.idleSinceMs)[0];
  oldest?.pool.dismiss(oldest.instance);
  return oldest !== undefined;
};

/** Makes the one that hands instances to calls, within the limits of functions and host. */
export const createDispatch = (options: DispatchOptions): Dispatch => {
  const { clock, limits } = options;
  const waiting = new Set<Waiting>();
  let waitingBytes = 0;

  const find = (pool: Pool): Instance | undefined => {
    const idle = pool.takeIdle();
    if (idle !== undefined || !pool.hasRoom || !hasRoom(options)) return idle;
    pool.counts.coldStarts += 1;
    return pool.start();
  };

  const throttled = (pool: Pool): Acquired => {
    pool.counts.throttles += 1;
    return refused({ reason: 'throttled', limit: pool.hasRoom ? 'host' : 'function', retryAfterS: 1 });
  };

  const wait = (pool: Pool, sizeBytes: number): Promise<Acquired> =>
    new Promise((resolve) => {
      const settle = (acquired: Acquired) => {
        cancel();
        waiting.delete(one);
        waitingBytes -= sizeBytes;
        resolve(acquired);
      };
      const one: Waiting = { pool, settle };
      const cancel = clock.at(clock.nowMs() + limits.waitS * 1000, () => settle(throttled(one.pool)));
      waiting.add(one);
      waitingBytes += sizeBytes;
    });

  const mayWait = (pool: Pool, sizeBytes: number): boolean =>
    pool.isEnabled &&
    limits.waitS > 0 &&
    waiting.size < limits.waiting &&
    waitingBytes + sizeBytes <= limits.waitingBytes;

  return {
    acquire: async (pool, sizeBytes) => {
      const instance = find(pool);
      if (instance !== undefined) return { ok: true, instance };
      return mayWait(pool, sizeBytes) ? wait(pool, sizeBytes) : throttled(pool);
    },
    serve: () => {
      const full = new Set<Pool>();
      for (const one of waiting) {
        const instance = full.has(one.pool) ? undefined : find(one.pool);
        if (instance === undefined) full.add(one.pool);
        else one.settle({ ok: true, instance });
      }
    },
    replace: (pool, by) => {
      for (const one of waiting) {
        if (one.pool !== pool) continue;
        if (by === undefined) one.settle(refused({ reason: 'missing' }));
        else one.pool = by;
      }
    },
    close: () => {
      for (const one of waiting) one.settle(refused({ reason: 'closing' }));
    },
  };
};
