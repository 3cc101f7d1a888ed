import { PapilioError } from '#lib/errors';
import type { Machines } from '#ports/machines';
import type { Queues } from '#ports/queues';

/** An execution as it was started. */
export type Started = { readonly machine: string; readonly name: string; readonly input: unknown };
/** How a token was answered. */
export type Answer =
  | { readonly kind: 'success'; readonly output: unknown }
  | { readonly kind: 'failure'; readonly error: string; readonly cause: string };

/** State machines that remember what was started and answered, as Step Functions does. */
export type MemoryMachines = Machines & {
  readonly started: Started[];
  readonly answers: Map<string, Answer>;
  /** While set, the plane is away: every call fails. */
  isAway: boolean;
};

/** Queues that keep what was sent. */
export type MemoryQueues = Queues & {
  readonly sent: { readonly queue: string; readonly body: unknown }[];
  /** While set, the plane is away: every call fails. */
  isAway: boolean;
};

/** What a wire makes of a value. */
const overTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** Executions are started once a name; a token is answered once. */
export const memoryMachines = (): MemoryMachines => {
  const started: Started[] = [];
  const answers = new Map<string, Answer>();
  const reach = () => {
    if (machines.isAway) throw new PapilioError('plane-unavailable', 'away in this test');
  };
  const answer = (token: string, given: Answer): 'answered' | 'gone' => {
    reach();
    if (answers.has(token)) return 'gone';
    answers.set(token, given);
    return 'answered';
  };
  const machines: MemoryMachines = {
    started,
    answers,
    isAway: false,
    start: async (machine, name, input) => {
      reach();
      if (started.some((one) => one.machine === machine && one.name === name)) return;
      started.push({ machine, name, input: overTheWire(input) });
    },
    succeed: async (token, output) => answer(token, { kind: 'success', output: overTheWire(output) }),
    fail: async (token, error, cause) => answer(token, { kind: 'failure', error, cause }),
  };
  return machines;
};

/** Everything that is sent arrives, in order. */
export const memoryQueues = (): MemoryQueues => {
  const queues: MemoryQueues = {
    sent: [],
    isAway: false,
    send: async (queue, bodies) => {
      if (queues.isAway) throw new PapilioError('plane-unavailable', 'away in this test');
      queues.sent.push(...bodies.map((body) => ({ queue, body: overTheWire(body) })));
    },
  };
  return queues;
};
