import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ListQueueTagsCommand, type SQSClient, TagQueueCommand } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { isNoQueue } from '#lib/is-named';
import type { Log } from '#lib/log';
import type { Clock } from '#ports/clock';
import { replaceFile } from '../supervisor/name-plate.ts';
import { sleep } from './backoff.ts';
import type { Within } from './stack-question.ts';

/** Where a plane keeps what it wrote on one of its queues. */
const Memory = z.object({
  mark: z.string(),
  /** Absent in what an earlier papilio wrote: what it had sent has no seal, and has to be sent again. */
  isSealed: z.boolean().default(false),
});
const tag = 'papilio-mark';
const everyMs = 5_000;

/** Where a plane's mark is. */
export type Marked = {
  readonly sqs: SQSClient;
  /** A queue of the plane. */
  readonly url: string;
  /** File of the mark. */
  readonly path: string;
};

/** What a plane looks at to see whether its stack is still the one that it knows. */
type MemoryOptions = Marked & {
  readonly clock: Clock;
  readonly log: Log;
  /** Creates what is missing, and finds again what was under way. */
  readonly heal: () => Promise<void>;
  /** Whether somebody has changed what the plane left there. */
  readonly isChanged: () => Promise<boolean>;
};

/** The mark on the queue; undefined if it has none, or is gone. */
const markOn = async ({ sqs, url }: Marked, within?: Within): Promise<string | undefined> => {
  try {
    return (await sqs.send(new ListQueueTagsCommand({ QueueUrl: url }), within)).Tags?.[tag];
  } catch (thrown) {
    if (isNoQueue(thrown)) return undefined;
    throw thrown;
  }
};

const memoryIn = async (path: string): Promise<z.infer<typeof Memory> | undefined> => {
  try {
    return Memory.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
};

/** Whether the stack is the one that the plane knows: until it has healed what was lost, empty queues say nothing. */
export const isRemembered = async (marked: Marked, within?: Within): Promise<boolean> => {
  const [found, known] = [await markOn(marked, within), await memoryIn(marked.path)];
  return found !== undefined && found === known?.mark && known.isSealed;
};

const writeMark = async ({ sqs, url, path }: Marked): Promise<void> => {
  const mark = randomUUID();
  await sqs.send(new TagQueueCommand({ QueueUrl: url, Tags: { [tag]: mark } }));
  await replaceFile(path, JSON.stringify({ mark, isSealed: true }));
};

/** Looks once; heals if the mark that was written is not there any more. The first time there is nothing to heal. */
const look = async (options: MemoryOptions): Promise<void> => {
  const { path, log, heal, isChanged } = options;
  if (await isRemembered(options)) {
    if (await isChanged()) await heal();
    return;
  }
  const known = await memoryIn(path);
  if (known !== undefined) {
    if (known.isSealed)
      log.error({}, 'the stack has lost its queues, state machines and executions; they are made again');
    else log.warn({}, 'an earlier papilio sealed no messages; what was under way is sent again');
    await heal();
  }
  await writeMark(options);
};

/**
 * An emulator that was killed comes back without its queues and executions. A plane marks one of its queues and looks for
 * the mark every 5 s: what is not there any more was made anew by somebody, or is gone. @returns what ends the watch
 */
export const watchStackMemory = async (options: MemoryOptions): Promise<() => Promise<void>> => {
  const { clock, log } = options;
  const stopping = new AbortController();
  await look(options);
  let known = '';
  /** A stack that is away tells nothing; what healing could not do is done at the next look. Why is said once. */
  const lookAgain = async (): Promise<void> => {
    try {
      await look(options);
      known = '';
    } catch (thrown) {
      const reason = String(thrown);
      if (reason !== known) log.warn({ reason }, 'the stack is away, or not healed yet');
      known = reason;
    }
  };
  const run = async () => {
    while (!stopping.signal.aborted) {
      await sleep(clock, everyMs, stopping.signal);
      if (!stopping.signal.aborted) await lookAgain();
    }
  };
  const running = run();
  return async () => {
    stopping.abort();
    await running;
  };
};
