import { PapilioError } from '#lib/errors';
import type { ExecutionEnd, Machines } from '#ports/machines';
import type { Queues } from '#ports/queues';
import { causeText, dataText, errorText } from '../../functions/adapters/machines/text.ts';
import { messageTexts } from '../../functions/adapters/queues/text.ts';
import { machines as catalogued } from '../../functions/catalog.ts';

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
  /** How executions have ended, by id. */
  readonly ends: Map<string, ExecutionEnd>;
  /** Ends an execution: nobody waits for its token any more. */
  readonly stop: (executionId: string, token: string, cause: string) => void;
  /** While set, the plane is away: every call fails. */
  isAway: boolean;
};

/** Queues that keep what was sent. */
export type MemoryQueues = Queues & {
  readonly sent: { readonly queue: string; readonly body: unknown }[];
  /** While set, the plane is away: every call fails. */
  isAway: boolean;
};

/** What Step Functions takes as the name of an execution. */
const isName = (name: string): boolean => /^[A-Za-z0-9_-]{1,80}$/.test(name);

/** Executions are started once a name; a token is answered once. Any token is waited for, unless `isWaiting` says which. */
export const memoryMachines = (isWaiting: (token: string) => boolean = () => true): MemoryMachines => {
  const started: Started[] = [];
  const answers = new Map<string, Answer>();
  const ends = new Map<string, ExecutionEnd>();
  const stopped = new Set<string>();
  const reach = () => {
    if (machines.isAway) throw new PapilioError('plane-unavailable', 'away in this test');
  };
  const answer = (token: string, given: Answer): 'answered' | 'gone' => {
    reach();
    if (answers.has(token) || stopped.has(token) || !isWaiting(token)) return 'gone';
    answers.set(token, given);
    return 'answered';
  };
  const machines: MemoryMachines = {
    started,
    answers,
    ends,
    stop: (executionId, token, cause) => {
      stopped.add(token);
      ends.set(executionId, { status: 'ABORTED', error: 'papilio.stopped', cause });
    },
    isAway: false,
    start: async (machine, name, input) => {
      const text = dataText(`start of ${machine} ${name}`, input);
      reach();
      if (!isName(name)) throw new PapilioError('input-invalid', `execution ${name}`);
      if (!Object.hasOwn(catalogued, machine)) throw new PapilioError('record-missing', `machine ${machine}`);
      if (started.some((one) => one.machine === machine && one.name === name)) return;
      started.push({ machine, name, input: JSON.parse(text) });
    },
    succeed: async (token, output) =>
      answer(token, { kind: 'success', output: JSON.parse(dataText('task token', output)) }),
    fail: async (token, error, cause) =>
      answer(token, { kind: 'failure', error: errorText(error), cause: causeText(cause) }),
    endOf: async (executionId) => {
      reach();
      const isKnown = started.some(({ name }) => executionId.split(':').at(-1) === name);
      return isKnown ? ends.get(executionId) : { status: 'unknown' };
    },
  };
  return machines;
};

/** Everything that is sent arrives, in order. */
export const memoryQueues = (): MemoryQueues => {
  const queues: MemoryQueues = {
    sent: [],
    isAway: false,
    send: async (queue, bodies) => {
      const texts = messageTexts(queue, bodies);
      if (queues.isAway) throw new PapilioError('plane-unavailable', 'away in this test');
      queues.sent.push(...texts.map((text) => ({ queue, body: JSON.parse(text) })));
    },
  };
  return queues;
};
