import { Worker } from 'node:worker_threads';
import { PapilioError } from '#lib/errors';
import type { CommitRequest, CommitResult, FromWriter, Sealed, ToWriter, WriterOptions } from './sqlite-messages.ts';

type Waiting = { readonly resolve: (seq: number) => void; readonly reject: (error: PapilioError) => void };

/** What the client tells its owner of. */
export type WriterEvents = {
  readonly onHead: (seq: number) => void;
  /** A sweep is over; `isSwept` false: there is more. */
  readonly onSwept: (isSwept: boolean) => void;
  /** Old events were moved into segments, or could not be. */
  readonly onSealed: (sealed: Sealed) => void;
};

/** The serving thread's end of the writer thread. */
export type WriterClient = {
  /** Resolves with the log's last `seq` once the transaction is on the medium. */
  readonly commit: (request: CommitRequest) => Promise<number>;
  readonly sweep: (nowMs: number) => void;
  /** Commits what is under way, then ends the thread. */
  readonly close: () => Promise<void>;
};

const settle = ({ resolve, reject }: Waiting, result: CommitResult): void => {
  if (typeof result === 'number') resolve(result);
  else reject(new PapilioError(result.code, result.reason));
};

/**
 * Starts the writer thread; one that dies is replaced at the next call. All calls of one turn of the loop travel in one
 * message, all answers of one group in another: a message costs more than a commit's share of a sync.
 */
export const createWriterClient = (
  options: WriterOptions,
  { onHead, onSwept, onSealed }: WriterEvents,
): WriterClient => {
  let worker: Worker | undefined;
  let ended: Promise<void> = Promise.resolve();
  let outgoing: CommitRequest[] = [];
  let waiting: Waiting[] = [];
  let isClosing = false;

  const receive = ({ results, head, isSwept, sealed }: FromWriter): void => {
    const answered = waiting.splice(0, results.length);
    onHead(head);
    for (const [at, result] of results.entries()) {
      const caller = answered[at];
      if (caller !== undefined) settle(caller, result);
    }
    if (waiting.length === 0) worker?.unref();
    if (isSwept !== undefined) onSwept(isSwept);
    if (sealed !== undefined) onSealed(sealed);
  };

  const failAll = (reason: string, cause?: unknown): void => {
    const lost = waiting;
    waiting = [];
    outgoing = [];
    worker = undefined;
    for (const { reject } of lost) reject(new PapilioError('store-unavailable', `${options.path}: ${reason}`, cause));
  };

  const start = (): Worker => {
    const started = new Worker(new URL('./sqlite-writer.ts', import.meta.url), { workerData: options });
    started.on('message', receive);
    started.on('error', (error) => failAll('the writer thread failed', error));
    ended = new Promise((resolve) => {
      started.on('exit', () => {
        if (worker === started) failAll('the writer thread ended');
        resolve();
      });
    });
    started.unref();
    return started;
  };

  const post = (message: ToWriter): void => {
    worker ??= start();
    worker.postMessage(message);
  };

  const flush = (): void => {
    const requests = outgoing;
    outgoing = [];
    if (requests.length === 0) return;
    post({ requests });
    // Whoever waits for an answer keeps the process alive; an idle store does not.
    worker?.ref();
  };

  const commit = (request: CommitRequest): Promise<number> => {
    if (isClosing) return Promise.reject(new PapilioError('store-unavailable', `${options.path} is closed`));
    if (outgoing.push(request) === 1) setImmediate(flush);
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  };

  const close = async (): Promise<void> => {
    isClosing = true;
    flush();
    if (worker !== undefined) {
      worker.postMessage({ requests: [], close: true } satisfies ToWriter);
      worker.ref();
    }
    await ended;
  };

  return { commit, sweep: (nowMs) => post({ requests: [], sweepNowMs: nowMs }), close };
};
