import { PapilioError } from '#lib/errors';
import type { Clock } from '#ports/clock';
import type { EventLog } from '#ports/event-log';
import { decodeEvent, verifyChain } from './chain.ts';
import { headOf, type LogTable, logKeys } from './dynamo-items.ts';
import { createDynamoReads } from './dynamo-reads.ts';
import { createSequencer } from './dynamo-sequencer.ts';
import { createWaiters } from './waiters.ts';

const pageRows = 1000;
/** DynamoDB tells nobody of a commit: whoever waits for another process's looks so often. */
const lookEveryMs = 500;

/** What a log on DynamoDB is opened with. */
export type DynamoLogOptions = {
  readonly table: LogTable;
  readonly clock: Clock;
  readonly name: string;
  readonly pause: (tries: number) => Promise<void>;
};

/** A log with what its store does to it. */
export type DynamoLog = EventLog & {
  /** Sequences all that was committed, and tells the head. */
  readonly settle: () => Promise<number>;
  /** The last `seq` that this process has seen. */
  readonly seen: () => number;
  readonly close: () => void;
};

const checkWhole = (afterSeq: number, limit: number): void => {
  if (Number.isSafeInteger(afterSeq) && Number.isSafeInteger(limit) && limit >= 0) return;
  throw new PapilioError('input-invalid', `after ${afterSeq}, limit ${limit}: both are whole numbers`);
};

/** Looks for what other processes commit, as long as somebody waits. */
const createLookout = (clock: Clock, look: () => Promise<unknown>) => {
  let waiting = 0;
  let cancel = (): void => {};
  let isLooking = false;

  const lookNow = async (): Promise<void> => {
    if (isLooking) return;
    isLooking = true;
    // Whoever waits has a deadline; a store that does not answer is told to those who write and read.
    await look().catch(() => {});
    isLooking = false;
    if (waiting > 0) arm();
  };
  const arm = (): void => {
    cancel();
    cancel = clock.at(clock.nowMs() + lookEveryMs, () => {
      lookNow().catch(() => {});
    });
  };

  /** Looks at once, and again and again until `wait` has ended. */
  const during = async <T>(wait: Promise<T>): Promise<T> => {
    waiting += 1;
    lookNow().catch(() => {});
    try {
      return await wait;
    } finally {
      waiting -= 1;
      if (waiting === 0) cancel();
    }
  };
  return { during };
};

/** A plane's event log on its table: gap-free, chained, sequenced by whoever commits. */
export const createDynamoLog = ({ table, clock, name, pause }: DynamoLogOptions): DynamoLog => {
  let seen = 0;
  const waiters = createWaiters(clock, () => seen);
  const onHead = (seq: number): void => {
    if (seq <= seen) return;
    seen = seq;
    waiters.wake(seq);
  };
  const sequencer = createSequencer({ table, clock, name, pause, onHead });
  const { rowsAfter, ofSubject } = createDynamoReads(table);
  const settle = async (): Promise<number> => {
    await sequencer.run();
    return seen;
  };
  // What a process left behind that died between commit and sequence is sequenced by whoever looks.
  const lookout = createLookout(clock, settle);
  const head = async (): Promise<number> => {
    const [item] = await table.getMany([logKeys.head]);
    onHead(headOf(item).seq);
    return seen;
  };

  return {
    head,
    settle,
    seen: () => seen,
    wait: (afterSeq, waitMs, signal) => {
      if (seen > afterSeq || signal?.aborted) return Promise.resolve(seen);
      return waitMs <= 0 ? head() : lookout.during(waiters.wait(afterSeq, waitMs, signal));
    },
    read: async (afterSeq, limit = pageRows) => {
      checkWhole(afterSeq, limit);
      return (await rowsAfter(afterSeq, limit)).map(decodeEvent);
    },
    ofSubject: async ({ subject, afterSeq = 0, limit = pageRows }) => {
      checkWhole(afterSeq, limit);
      return ofSubject(subject, afterSeq, limit);
    },
    verify: (onPage) => verifyChain((seq) => rowsAfter(seq, pageRows), { onPage }),
    close: waiters.close,
  };
};
