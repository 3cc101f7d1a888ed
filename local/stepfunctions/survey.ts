import { setImmediate } from 'node:timers/promises';
import { arnOf } from './identity.ts';
import type { Pending, Thread } from './model.ts';
import type { Execution, Registry } from './registry.ts';

/** What executions wait for. */
export type WaitKind = 'token' | 'activity' | 'task' | 'child' | 'mapRun' | 'wait' | 'retry' | 'evaluation';

/** A wait for somebody outside that no timeout ends. */
export type OpenWait = {
  readonly executionArn: string;
  readonly stateName: string;
  readonly sinceMs: number;
};

/** What all running executions wait for. */
export type Survey = {
  readonly waiting: Readonly<Record<WaitKind, number>>;
  /** When the oldest wait for a token began. */
  readonly oldestTokenMs: number | undefined;
  /** The oldest waits for a token or a worker that nothing ends. */
  readonly open: readonly OpenWait[];
  readonly openCount: number;
  readonly mapRuns: number;
};

/** So many executions are looked at before everybody else has a turn. */
const AT_ONCE = 2000;
const KEPT_OPEN = 20;

const requestKinds = { start: 'child', mapRun: 'mapRun', activity: 'activity' } as const;

const taskKind = ({ request, isSubmitted }: Pending): WaitKind => {
  // What a token ends has no request any more once it is submitted.
  if (!request) return isSubmitted ? 'token' : 'task';
  return request.type === 'start' || request.type === 'mapRun' || request.type === 'activity'
    ? requestKinds[request.type]
    : 'task';
};

const kindOf = (pending: Pending): WaitKind => (pending.reason === 'task' ? taskKind(pending) : pending.reason);

class Surveyor {
  readonly #waiting: Record<WaitKind, number> = {
    token: 0,
    activity: 0,
    task: 0,
    child: 0,
    mapRun: 0,
    wait: 0,
    retry: 0,
    evaluation: 0,
  };
  #oldestTokenMs: number | undefined;
  #open: OpenWait[] = [];
  #openCount = 0;

  look({ identity, run }: Execution): void {
    for (const thread of run?.pending.values() ?? []) {
      const { pending } = thread;
      if (!pending) continue;
      const kind = kindOf(pending);
      this.#waiting[kind] += 1;
      if (kind === 'token')
        this.#oldestTokenMs = Math.min(this.#oldestTokenMs ?? thread.enteredAtMs, thread.enteredAtMs);
      const isOpen = (kind === 'token' || kind === 'activity') && pending.dueAtMs === Number.POSITIVE_INFINITY;
      if (isOpen) this.#note(thread, () => arnOf(identity));
    }
  }

  #note({ state, enteredAtMs: sinceMs }: Thread, arn: () => string): void {
    this.#openCount += 1;
    const last = this.#open.at(-1);
    if (last && this.#open.length >= KEPT_OPEN && last.sinceMs <= sinceMs) return;
    this.#open.push({ executionArn: arn(), stateName: state.name, sinceMs });
    this.#open.sort((a, b) => a.sinceMs - b.sinceMs);
    this.#open = this.#open.slice(0, KEPT_OPEN);
  }

  result(mapRuns: number): Survey {
    return {
      waiting: this.#waiting,
      oldestTokenMs: this.#oldestTokenMs,
      open: this.#open,
      openCount: this.#openCount,
      mapRuns,
    };
  }
}

/** Looks at all running executions, a part at a time, so that nobody waits for it. */
export const survey = async (registry: Registry): Promise<Survey> => {
  const surveyor = new Surveyor();
  let looked = 0;
  for (const execution of registry.all()) {
    surveyor.look(execution);
    looked += 1;
    if (looked % AT_ONCE === 0) await setImmediate();
  }
  const mapRuns = [...registry.mapRuns.values()].filter(({ status }) => status === 'RUNNING').length;
  return surveyor.result(mapRuns);
};
