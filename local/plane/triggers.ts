import * as z from 'zod';
import { asPapilioError } from '#lib/errors';
import { isNamed } from '#lib/is-named';
import type { Log } from '#lib/log';
import { isPassing } from '#lib/passing';
import type { Clock } from '#ports/clock';
import { backoffMs, sleep } from './backoff.ts';
import type { Call } from './functions.ts';
import { createHand, type Hand } from './hand.ts';
import type { Pause } from './pause.ts';
import type { QueueRecord, Receiver } from './receiver.ts';

/** Something that takes work until it is told to stop, and then finishes what it has in hand. */
export type Taking = { readonly stop: () => Promise<void> };

type TriggerOptions = {
  readonly functionName: string;
  readonly receiver: Receiver;
  /** Messages a call, at most. */
  readonly batch: number;
  /** Loops side by side. */
  readonly parallel: number;
  readonly call: Call;
  /** Whether a message must not share its call with others. */
  readonly goesAlone: (functionName: string, messageId: string) => boolean;
  readonly pause: Pause;
  readonly clock: Clock;
  readonly log: Log;
};

const BatchResponse = z.object({
  batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })).default([]),
  passing: z.array(z.string()).default([]),
});

/** What became of the messages of a call. What is in neither list failed for a reason that will not pass by itself. */
type Outcome = {
  readonly done: readonly QueueRecord[];
  readonly hindered: readonly QueueRecord[];
  readonly isWhole?: boolean;
};

/** Calls the function with these records. One that throws has dealt with none. */
const handle = async (
  { functionName, call, log }: TriggerOptions,
  records: readonly QueueRecord[],
): Promise<Outcome> => {
  const ids = records.map((record) => record.messageId);
  try {
    const { data } = BatchResponse.safeParse(await call(functionName, { Records: records }, ids));
    const failed = new Set(data?.batchItemFailures.map((failure) => failure.itemIdentifier));
    const passing = new Set(data?.passing);
    return {
      done: records.filter((record) => !failed.has(record.messageId)),
      hindered: records.filter((record) => failed.has(record.messageId) && passing.has(record.messageId)),
    };
  } catch (thrown) {
    const error = asPapilioError(thrown);
    log.warn({ function: functionName, messageIds: ids, code: error.code, reason: error.reason }, 'batch failed');
    // No message is to blame for what a call of several did: each has its next try alone.
    const isHindered = isPassing(error) || records.length > 1;
    return { done: [], hindered: isHindered ? records : [], isWhole: true };
  }
};

/** All that is due, call by call: what is done leaves the queue, what an outage hinders stays in hand, the rest goes back. */
const work = async (options: TriggerOptions, hand: Hand): Promise<void> => {
  const { functionName, receiver, goesAlone } = options;
  for (const records of hand.dueCalls((record) => goesAlone(functionName, record.messageId))) {
    const { done, hindered, isWhole = false } = await handle(options, records);
    hand.drop(records.filter((record) => !hindered.includes(record)));
    hand.postpone(hindered, isWhole);
    await receiver.remove(done);
  }
};

/** Waits for messages, or until one in hand is due. */
const next = async ({ receiver, pause, clock }: TriggerOptions, hand: Hand, stop: AbortSignal): Promise<void> => {
  const signal = AbortSignal.any([stop, pause.signal()]);
  const restMs = hand.restMs();
  if (hand.room() === 0) return sleep(clock, restMs ?? 0, signal);
  hand.put(await receiver.receive(signal, { atMost: hand.room(), ...(restMs === undefined ? {} : { restMs }) }));
};

/** Waits for the next batch and works on it. */
const once = async (options: TriggerOptions, hand: Hand, stop: AbortSignal): Promise<void> => {
  const { pause } = options;
  await pause.open(stop);
  if (stop.aborted) return;
  await next(options, hand, stop);
  if (hand.records().length === 0 || pause.reason() !== undefined || stop.aborted) return;
  await work(options, hand);
};

/** Receives and works until stopped. A queue that is away is asked again, ever more slowly. */
const loop = async (options: TriggerOptions, stop: AbortSignal): Promise<void> => {
  const { functionName, batch, receiver, clock, log } = options;
  const hand = createHand({ batch, clock, keepHidden: receiver.keepHidden });
  let failures = 0;
  while (!stop.aborted) {
    try {
      await once(options, hand, stop);
      failures = 0;
    } catch (error) {
      if (isNamed(error, 'AbortError')) continue;
      failures += 1;
      if (failures === 3) log.warn({ function: functionName, reason: String(error) }, 'queue away');
      await sleep(clock, backoffMs(failures, Math.random()), stop);
    }
  }
  const left = hand.records();
  hand.drop(left);
  // If it fails, they come back by themselves when they are not hidden any more.
  await receiver.giveBack(left).catch(() => undefined);
};

/**
 * Feeds a function from its queue. No timer runs while the queue is empty: the receive waits for a message. While an outage
 * hinders the function, what was received stays in hand, and once the hand is full nothing more is received.
 */
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
