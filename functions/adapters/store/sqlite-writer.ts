import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { createCommitter } from './sqlite-commit.ts';
import { openForWriting } from './sqlite-file.ts';
import type { CommitRequest, FromWriter, ToWriter, WriterOptions } from './sqlite-messages.ts';
import { createSealing } from './sqlite-sealing.ts';

const groupLimit = 1000;

type Committer = ReturnType<typeof createCommitter>;

/** Sweeping is a courtesy: if the disk is full or away, the next round tries again. */
const sweepOr = (committer: Committer, nowMs: number): boolean => {
  try {
    return committer.sweep(nowMs);
  } catch {
    return true;
  }
};

/** The thread's loop: gathers what waits, commits it as one group, answers, and only then tidies up. */
const serve = (port: MessagePort, { path, quotaBytes, checkpointBytes, seal }: WriterOptions): void => {
  const db = openForWriting(path, quotaBytes);
  const committer = createCommitter(db, path);
  const waiting: CommitRequest[] = [];
  let sweepNowMs: number | undefined;
  let isClosing = false;

  const take = (message: ToWriter): void => {
    waiting.push(...message.requests);
    sweepNowMs = message.sweepNowMs ?? sweepNowMs;
    isClosing ||= message.close === true;
  };

  const takeAll = (): void => {
    for (;;) {
      const next = receiveMessageOnPort(port);
      if (next === undefined) return;
      take(next.message);
    }
  };

  const answer = (message: FromWriter): void => port.postMessage(message);
  const sealing = createSealing({
    ...{ db, path, policy: seal, committer, checkpointBytes },
    onSealed: (sealed) => answer({ results: [], head: committer.head(), sealed }),
  });

  const close = async (): Promise<void> => {
    await sealing.stop();
    committer.closeSegments();
    db.close();
    port.close();
  };

  const commitAll = (): void => {
    for (takeAll(); waiting.length > 0; takeAll()) {
      const results = committer.commit(waiting.splice(0, groupLimit));
      answer({ results, head: committer.head() });
      committer.checkpoint(checkpointBytes);
    }
  };

  port.on('message', (message: ToWriter) => {
    take(message);
    commitAll();
    if (sweepNowMs !== undefined) {
      const isSwept = sweepOr(committer, sweepNowMs);
      sweepNowMs = undefined;
      answer({ results: [], head: committer.head(), isSwept });
      sealing.startAgain();
    }
    sealing.startIfDue();
    if (isClosing) void close();
  });
  sealing.startAgain();
};

if (parentPort !== null) {
  const options: WriterOptions = workerData;
  serve(parentPort, options);
}
