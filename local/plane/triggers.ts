import * as z from 'zod';
import { asPapilioError } from '#lib/errors';
import type { Log } from '#lib/log';
import type { Clock } from '#ports/clock';
import { backoffMs, sleep } from './backoff.ts';
import type { Call } from './functions.ts';
import type { Pause } from './pause.ts';
import type { QueueRecord, Receiver } from './receiver.ts';

/** Something that takes work until it is told to stop, and then finishes what it has in hand. */
export type Taking = { readonly stop: () => Promise<void> };

type TriggerOptions = {
  readonly functionName: string;
  readonly receiver: Receiver;
  /** Loops side by side. */
  readonly parallel: number;
  readonly call: Call;
  /** Whether a message must not share its call with others. */
  readonly goesAlone: (functionName: string, messageId: string) => boolean;
  readonly pause: Pause;
  readonly clock: Clock;
  readonly log: Log;
};

const BatchResponse = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })).default([]) });

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';

/** Calls the function with these records; returns those it dealt with. One that throws has dealt with none. */
const handle = async (
  { functionName, call, log }: TriggerOptions,
  records: readonly QueueRecord[],
): Promise<QueueRecord[]> => {
  const ids = records.map((record) => record.messageId);
  try {
    const answer = BatchResponse.safeParse(await call(functionName, { Records: records }, ids));
    const failed = new Set(answer.data?.batchItemFailures.map((failure) => failure.itemIdentifier));
    return records.filter((record) => !failed.has(record.messageId));
  } catch (thrown) {
    const error = asPapilioError(thrown);
    log.warn({ function: functionName, messageIds: ids, code: error.code, reason: error.reason }, 'batch failed');
    return [];
  }
};

/** One batch from receipt to deletion: those that go alone one at a time, the others together. */
const work = async (options: TriggerOptions, records: readonly QueueRecord[]): Promise<void> => {
  const { functionName, receiver, goesAlone } = options;
  const lone = records.filter((record) => goesAlone(functionName, record.messageId));
  const others = records.filter((record) => !lone.includes(record));
  const stopHiding = receiver.keepHidden(records);
  try {
    if (others.length > 0) await receiver.remove(await handle(options, others));
    for (const record of lone) await receiver.remove(await handle(options, [record]));
  } finally {
    stopHiding();
  }
};

/** Waits for the next batch and works on it. */
const once = async (options: TriggerOptions, stop: AbortSignal): Promise<void> => {
  const { receiver, pause } = options;
  await pause.open(stop);
  if (stop.aborted) return;
  const records = await receiver.receive(AbortSignal.any([stop, pause.signal()]));
  if (records.length > 0) await work(options, records);
};

/** Receives and works until stopped. A queue that is away is asked again, ever more slowly. */
const loop = async (options: TriggerOptions, stop: AbortSignal): Promise<void> => {
  const { functionName, clock, log } = options;
  let failures = 0;
  while (!stop.aborted) {
    try {
      await once(options, stop);
      failures = 0;
    } catch (error) {
      if (isAbort(error)) continue;
      failures += 1;
      if (failures === 3) log.warn({ function: functionName, reason: String(error) }, 'queue away');
      await sleep(clock, backoffMs(failures, Math.random()), stop);
    }
  }
};

/** Feeds a function from its queue. No timer runs while the queue is empty: the receive waits for a message. */
export const startTrigger = (options: TriggerOptions): Taking => {
  const stopping = new AbortController();
  const loops = Array.from({ length: options.parallel }, () => loop(options, stopping.signal));
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(loops);
    },
  };
};
