import { asPapilioError } from '#lib/errors';
import type { Log } from '#lib/log';
import type { Clock } from '#ports/clock';
import { sleep } from './backoff.ts';
import type { Call } from './functions.ts';
import type { Taking } from './triggers.ts';

type ScheduleOptions = {
  readonly functionName: string;
  readonly everyS: number;
  readonly atStart: boolean;
  readonly payload: unknown;
  /** Tells one schedule of a function from another: its facility, or `schedule`. */
  readonly id: string;
  readonly call: Call;
  readonly clock: Clock;
  readonly log: Log;
};

/** Calls a function at its times; a call that is not over when the next is due makes that one later, never a second beside it. */
export const startSchedule = (options: ScheduleOptions): Taking => {
  const { functionName, everyS, atStart, payload, id, call, clock, log } = options;
  const stopping = new AbortController();
  const once = async () => {
    try {
      await call(functionName, payload, [id]);
    } catch (thrown) {
      const error = asPapilioError(thrown);
      log.warn({ function: functionName, code: error.code, reason: error.reason }, 'scheduled call failed');
    }
  };
  const run = async () => {
    if (atStart) await once();
    while (!stopping.signal.aborted) {
      await sleep(clock, everyS * 1000, stopping.signal);
      if (!stopping.signal.aborted) await once();
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
};
