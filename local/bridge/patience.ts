import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '#lib/log';
import { hasCode } from '../engine/disk.ts';
import { backoffMs } from '../plane/backoff.ts';

/** Does an act until it succeeds. */
export type Patience = <T>(act: () => Promise<T>) => Promise<T>;

/** Does again what a full disk hinders, ever more slowly: a bridge that fell over it would be given up before there is space. */
export const patienceOf =
  (log: Log): Patience =>
  async (act) => {
    for (let tries = 1; ; tries++) {
      try {
        return await act();
      } catch (error) {
        if (!hasCode(error, 'ENOSPC') && !hasCode(error, 'EDQUOT')) throw error;
        log.warn({ reason: String(error), tries }, 'disk is full');
        await sleep(backoffMs(tries, Math.random()));
      }
    }
  };
